package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// plain is what needs no quotes, and is no null.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./+-][A-Za-z0-9_./+ -]*$`)

// String prints a node on one line, in YAML.
func (n *Node) String() string {
	var parts []string
	switch n.kind {
	case empty:
		return "null"
	case scalar:
		return quoted(n.text)
	case list:
		for _, item := range n.items {
			parts = append(parts, item.String())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	for _, p := range n.keys {
		parts = append(parts, quoted(p.name)+": "+p.value.String())
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// Text prints a mapping as a file.
func (n *Node) Text() string {
	var b strings.Builder
	for _, p := range n.keys {
		if p.value.kind != mapping || len(p.value.keys) == 0 {
			fmt.Fprintf(&b, "%s: %v\n", quoted(p.name), p.value)
			continue
		}
		fmt.Fprintf(&b, "%s:\n", quoted(p.name))
		for _, q := range p.value.keys {
			fmt.Fprintf(&b, "  %s: %v\n", quoted(q.name), q.value)
		}
	}
	return b.String()
}

func quoted(text string) string {
	switch strings.ToLower(text) {
	case "null", "~", "-":
		return strconv.Quote(text)
	}
	if plain.MatchString(text) && strings.TrimSpace(text) == text && !strings.HasPrefix(text, "- ") && !strings.HasPrefix(text, "---") && text != "..." {
		return text
	}
	return strconv.Quote(text)
}
