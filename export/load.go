package export

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// Match copies to each tensor of dst the elements of that of the same name in
// src. It is strict unless an option says otherwise: the names are the same on
// both sides, and so are the shapes. How names of src are changed before
// they are compared, [Under], [Rename] and [RenameTable] say.
//
// Float32 and float64 are converted to each other, and integers to integers
// that can hold them; any other change of type is an error. The one exception
// is batch normalisation's counter: a tensor whose last name is
// num_batches_tracked takes an integer whatever its own type.
//
// All problems come in one error, which calls src the file and dst the model: the
// names that are missing and those that are unexpected, as PyTorch says, and what
// does not fit, a line each. Of each kind the first ten are listed and the others
// counted. If there is a problem, nothing is copied.
func Match(dst, src []Tensor, opts ...LoadOption) error {
	l := newLoading(opts)
	var problems []string
	report := func(name, format string, args ...any) {
		problems = append(problems, name+" "+fmt.Sprintf(format, args...))
	}

	sources := make(map[string]Tensor, len(src))
	names := make([]string, len(src)) // of the sources, or "" for those passed over
	for i, t := range src {
		name, ok := l.name(t.Name)
		if !ok {
			continue
		}
		names[i] = name
		if first, twice := sources[name]; twice {
			report(name, "is what %q and %q of the file are both called, want one", first.Name, t.Name)
		}
		sources[name] = t
	}
	if i := slices.IndexFunc(l.prefixes, func(p *prefixRule) bool { return !p.used }); i >= 0 && len(src) > 0 {
		problems = append(problems, fmt.Sprintf("no name begins with %q, which export.Under is given; those of the file begin with %s", l.prefixes[i].prefix, beginnings(src)))
	}
	for _, name := range l.unused() {
		report(name, "is renamed by a table and not in the file")
	}
	var loaded Loaded
	var moves []func()
	wanted := make(map[string]bool, len(dst))
	for _, t := range dst {
		s, found := sources[t.Name]
		switch {
		case wanted[t.Name]:
			report(t.Name, "is there twice in the model, want each name once")
		case found:
			move, err := fit(t, s, l.flattened[t.Name])
			if err != nil {
				report(t.Name, "%v", err)
			}
			moves = append(moves, move)
			loaded.Names = append(loaded.Names, t.Name)
		default:
			loaded.Missing = append(loaded.Missing, t.Name)
		}
		wanted[t.Name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(l.flattened)) {
		if !wanted[name] {
			report(name, "is flattened and not in the model")
		}
	}
	for _, name := range names {
		if name != "" && !wanted[name] {
			loaded.Unexpected = append(loaded.Unexpected, name)
		}
	}
	problems = firstOf(problems)
	nothing := l.partial && len(moves) == 0 && len(dst) > 0 && len(src) > 0
	if !l.partial || nothing {
		problems = append(l.mismatch(loaded.Missing, loaded.Unexpected), problems...)
	}
	if len(problems) > 0 {
		return errors.Errorf("nothing loaded:\n\t%s", strings.Join(problems, "\n\t"))
	}
	for _, move := range moves {
		move()
	}
	if l.report != nil {
		*l.report = loaded
	}
	return nil
}

// fit returns the copy from src to dst, converted already so that it cannot
// fail. flattened is nil, or what [Flattened] said.
func fit(dst, src Tensor, flattened []int) (func(), error) {
	from, err := plainValue(src.Value)
	if err == nil && flattened != nil {
		from, err = channelsFirst(from, flattened)
	}
	if err != nil {
		return nil, errors.WithMessage(err, "in the file")
	}
	to := dst.Value
	if to == nil || !to.IsNativelyAccessible() || !slices.Equal(to.Strides(), cStrides(to.Shape())) {
		return nil, errors.New("is in the model no tensor in the memory of the CPU, in row-major order")
	}
	if !slices.Equal([]int(to.Shape()), []int(from.Shape())) {
		return nil, errors.Errorf("has shape %v, want %v", from.Shape(), to.Shape())
	}
	i, _ := kindOfDtype(from.Dtype())
	counter := dst.Name[strings.LastIndexByte(dst.Name, '.')+1:] == "num_batches_tracked"
	data, err := converted(kinds[i].elements(from), to.Dtype(), counter)
	if err != nil {
		return nil, err
	}
	return func() {
		if to.IsScalar() {
			to.Set(0, reflect.ValueOf(data).Index(0).Interface())
			return
		}
		reflect.Copy(reflect.ValueOf(to.Data()), reflect.ValueOf(data))
	}, nil
}
