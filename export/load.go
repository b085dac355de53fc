package export

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
)

// A LoadOption relaxes how names are matched.
type LoadOption func(*loading)

type loading struct {
	partial bool
	rename  func(string) string
}

// Partial lets tensors be missing from the file, which then stay as they are, and
// lets the file have others, which are ignored. A tensor that is in both must still
// fit, and one at least must be in both.
func Partial() LoadOption {
	return func(l *loading) { l.partial = true }
}

// Rename maps the names of the file to those of the model, before they are
// compared:
//
//	export.Rename(func(name string) string { return strings.TrimPrefix(name, "model.") })
func Rename(f func(string) string) LoadOption {
	return func(l *loading) {
		if f != nil {
			l.rename = f
		}
	}
}

// Match copies to each tensor of dst the elements of that of the same name in
// src. It is strict unless an option says otherwise: the names are the same on
// both sides, and so are the shapes.
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
	l := loading{rename: func(name string) string { return name }}
	guard.Apply(&l, opts)
	var problems, missing, unexpected []string
	report := func(name, format string, args ...any) {
		problems = append(problems, name+" "+fmt.Sprintf(format, args...))
	}

	sources := make(map[string]Tensor, len(src))
	for _, t := range src {
		name := l.rename(t.Name)
		if first, twice := sources[name]; twice {
			report(name, "is what %q and %q of the file are both called, want one", first.Name, t.Name)
		}
		sources[name] = t
	}
	var moves []func()
	wanted := make(map[string]bool, len(dst))
	for _, t := range dst {
		s, found := sources[t.Name]
		switch {
		case wanted[t.Name]:
			report(t.Name, "is there twice in the model, want each name once")
		case found:
			move, err := fit(t, s)
			if err != nil {
				report(t.Name, "%v", err)
			}
			moves = append(moves, move)
		default:
			missing = append(missing, t.Name)
		}
		wanted[t.Name] = true
	}
	for _, t := range src {
		if name := l.rename(t.Name); !wanted[name] {
			unexpected = append(unexpected, name)
		}
	}
	problems = firstOf(problems)
	nothing := l.partial && len(moves) == 0 && len(dst) > 0 && len(src) > 0
	if !l.partial || nothing {
		problems = append(mismatch(missing, unexpected), problems...)
	}
	if len(problems) > 0 {
		return errors.Errorf("nothing loaded:\n\t%s", strings.Join(problems, "\n\t"))
	}
	for _, move := range moves {
		move()
	}
	return nil
}

// fit returns the copy from src to dst, converted already so that it cannot
// fail.
func fit(dst, src Tensor) (func(), error) {
	from, err := plainValue(src.Value)
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
