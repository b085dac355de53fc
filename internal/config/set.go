package config

import (
	"strings"
)

// Set puts a value where a setting of the command line says, as in train.epochs=3. The
// value is YAML. Mappings on the way are made where they are missing, and a choice that
// is a name alone, as in model: MLP, becomes a mapping.
func (n *Node) Set(setting string) error {
	path, text, ok := strings.Cut(setting, "=")
	at := Place{File: "--set " + path}
	if !ok || path == "" {
		return Errorf(Place{File: "--set"}, "is %q, want KEY=VALUE, such as train.epochs=3", setting)
	}
	value, err := parse(at.File, []byte(text))
	if err != nil {
		return err
	}
	value.Locate(at)
	words := strings.Split(path, ".")
	for i, word := range words {
		if word == "" {
			return Errorf(at, "has an empty key, want KEY=VALUE, such as train.epochs=3")
		}
		n.named()
		if n.kind == list {
			return Errorf(at, "%s is a list, want its key with the whole list", strings.Join(words[:i], "."))
		}
		n.kind = mapping
		k := n.index(word)
		if k < 0 {
			n.keys = append(n.keys, pair{word, at, &Node{At: at}})
			k = len(n.keys) - 1
		}
		if i == len(words)-1 {
			n.keys[k].value = value
			return nil
		}
		n = n.keys[k].value
	}
	return nil
}

// Locate gives all of a node one place.
func (n *Node) Locate(at Place) {
	n.At = at
	for _, item := range n.items {
		item.Locate(at)
	}
	for i := range n.keys {
		n.keys[i].at = at
		n.keys[i].value.Locate(at)
	}
}
