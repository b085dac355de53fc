package export

import (
	"slices"
	"strings"

	"github.com/thinnet/thinnet/internal/guard"
)

// A LoadOption says how the names of a file find those of a model, and
// what may be missing. [Under], [Rename] and [RenameTable] change names one after
// the other, in the order given.
type LoadOption func(*loading)

type loading struct {
	partial   bool
	renames   []func(string) (name string, ok bool)
	prefixes  []*prefixRule
	tables    []*renameTable
	flattened map[string][]int
	report    *Loaded
}

func newLoading(opts []LoadOption) *loading {
	l := &loading{flattened: map[string][]int{}}
	guard.Apply(l, opts)
	return l
}

// name returns what a tensor of the file is called, if it is not passed over.
func (l *loading) name(name string) (string, bool) {
	for _, rename := range l.renames {
		var ok bool
		if name, ok = rename(name); !ok || name == "" {
			return "", false
		}
	}
	return name, true
}

// unused returns what tables rename and the file does not have.
func (l *loading) unused() (names []string) {
	for _, t := range l.tables {
		for name := range t.to {
			if !t.used[name] {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// Partial lets tensors be missing from the file, which then stay as they are, and
// lets the file have others, which are ignored. A tensor that is in both must still
// fit, and one at least must be in both. [Report] says which they were. It is
// PyTorch's strict=False.
func Partial() LoadOption {
	return func(l *loading) { l.partial = true }
}

// Rename maps the names of the file to those of the model, before they are
// compared:
//
//	export.Rename(func(name string) string { return strings.Replace(name, "head.", "fc.", 1) })
//
// What gets the name "" is passed over.
func Rename(f func(string) string) LoadOption {
	return func(l *loading) {
		if f != nil {
			l.renames = append(l.renames, func(name string) (string, bool) { return f(name), true })
		}
	}
}

// RenameTable maps names of the file to those of the model; others stay.
// A key is the name of a tensor or, without what follows a dot, of all that are
// below it:
//
//	export.RenameTable(map[string]string{"head": "fc", "norm.gamma": "norm.weight"})
//
// makes head.weight fc.weight. The longest key that fits counts; one that fits
// nothing is an error. What gets the name "" is passed over.
func RenameTable(names map[string]string) LoadOption {
	return func(l *loading) {
		t := &renameTable{names, map[string]bool{}}
		l.tables = append(l.tables, t)
		l.renames = append(l.renames, t.rename)
	}
}

type renameTable struct {
	to   map[string]string
	used map[string]bool
}

func (t *renameTable) rename(name string) (string, bool) {
	for end := len(name); end > 0; end = strings.LastIndexByte(name[:end], '.') {
		to, ok := t.to[name[:end]]
		if !ok {
			continue
		}
		t.used[name[:end]] = true
		if to == "" {
			return "", false
		}
		return to + name[end:], true
	}
	return name, true
}

// Under takes of the file only the names that begin with prefix, without it: a
// state_dict in a checkpoint by its key and a dot, or that of a wrapped model.
//
//	export.LoadPyTorch(m, "checkpoint.pt", export.Under("state_dict."))
//	export.LoadSafetensors(m, "wrapped.safetensors", export.Under("module."))
//
// A prefix with which no name begins is an error.
func Under(prefix string) LoadOption {
	return func(l *loading) {
		p := &prefixRule{prefix, false}
		l.prefixes = append(l.prefixes, p)
		l.renames = append(l.renames, func(name string) (string, bool) {
			name, ok := strings.CutPrefix(name, p.prefix)
			p.used = p.used || ok
			return name, ok
		})
	}
}

// A prefixRule is what [Under] is given, and whether a name begins so.
type prefixRule struct {
	prefix string
	used   bool
}

// Report writes to r which names were loaded, and with [Partial] which were not.
// If there is an error, r stays as it is.
func Report(r *Loaded) LoadOption {
	return func(l *loading) { l.report = r }
}

// Loaded is what [Report] reports.
type Loaded struct {
	Names      []string // that were copied, in the order of the model
	Missing    []string // of the model, that the file lacks
	Unexpected []string // of the file, as renamed, that the model lacks
}

// Flattened says that the tensor of that name in the model, the weight of a
// dense layer, was trained on maps of the given shape that were flattened with
// their channels last, as Keras does it: (H, W, C), or (T, C). Its columns are
// brought to the order of [nodes.Flatten] here, channels first.
//
//	export.LoadKeras(m, "cnn.npz", export.Flattened("fc1.weight", 7, 7, 64))
//
// [nodes.Flatten]: https://pkg.go.dev/github.com/thinnet/thinnet/nodes#Flatten
func Flattened(name string, shape ...int) LoadOption {
	return func(l *loading) { l.flattened[name] = append([]int{}, shape...) }
}
