package deploy

import (
	"os"
	"sync"

	"github.com/edsrzf/mmap-go"
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/atomicfile"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// A Predictor predicts from a file. Its methods may be called from any number of
// goroutines at once.
type Predictor struct {
	m       *graph.Model
	inPlace bool

	open sync.RWMutex // held for reading while the map is read
	data mmap.MMap    // nil once it is closed
}

// Open opens a file of [Freeze]. The weights stay in the file; see the package on what that
// asks of it.
func Open(path string) (*Predictor, error) {
	p, err := open(path, func(f *graph.Frozen, c *computation) (*graph.Model, error) { return c.build(f) })
	return p, guard.At("deploy.Open", named(err, path))
}

// OpenFunc is [Open] of a model that fn declares, whatever the file says of it: for one
// with ops of your own.
func OpenFunc(path string, fn graph.Func) (*Predictor, error) {
	p, err := open(path, func(f *graph.Frozen, _ *computation) (*graph.Model, error) {
		return graph.Build(fn, f.Shape, graph.FromFrozen(f))
	})
	return p, guard.At("deploy.OpenFunc", named(err, path))
}

func open(path string, build func(*graph.Frozen, *computation) (*graph.Model, error)) (*Predictor, error) {
	data, err := mapped(path)
	if err != nil {
		return nil, err
	}
	p := &Predictor{data: data}
	f, c, packed, err := decode(data)
	if err == nil {
		p.inPlace = packed
		p.m, err = build(f, c)
	}
	if err != nil {
		_ = data.Unmap() // the error that there is says more
		return nil, err
	}
	return p, nil
}

// named says of which file an error is.
func named(err error, path string) error {
	if path == "" {
		return err
	}
	return errors.WithMessage(err, path)
}

// mapped maps a file to memory.
func mapped(path string) (mmap.MMap, error) {
	if path == "" {
		return nil, errors.New("the path is empty, want that of a file of deploy.Freeze")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.WithStack(atomicfile.WithoutPath(err))
	}
	defer f.Close() // the map stays
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, errors.WithStack(atomicfile.WithoutPath(err))
	case !info.Mode().IsRegular():
		return nil, errors.New("is not a file, want one")
	case info.Size() == 0:
		return nil, errors.New("is empty, want a file of deploy.Freeze")
	}
	data, err := mmap.Map(f, mmap.RDONLY, 0)
	return data, errors.Wrap(err, "mapping it to memory")
}

// Predict returns the output for x, of shape (batch, ...) with any batch size.
func (p *Predictor) Predict(x *tensor.Dense) (y *tensor.Dense, err error) {
	err = p.reading(func() (err error) { y, err = p.m.Predict(x); return err })
	return y, err
}

// PredictInto writes the outputs for the samples in x to dst, as [graph.Model.PredictInto]
// does. It allocates nothing but where a batch size is new, or where more goroutines than
// ever before predict it at a time; these calls take some milliseconds. A server does
// [Predictor.Reserve] before. What is allocated is kept.
func (p *Predictor) PredictInto(dst, x []float32) error {
	return p.reading(func() error { return p.m.PredictInto(dst, x) })
}

// Reserve makes all that so many goroutines need to predict batches of a size at a time,
// up to 64 of them.
func (p *Predictor) Reserve(batch, goroutines int) error {
	return p.reading(func() error { return p.m.Reserve(batch, goroutines) })
}

// reading calls f while the file is mapped.
func (p *Predictor) reading(f func() error) error {
	if p == nil || p.m == nil {
		return errors.New("the predictor is not open: use deploy.Open")
	}
	p.open.RLock()
	defer p.open.RUnlock()
	if p.data == nil {
		return errors.New("the predictor is closed")
	}
	return f()
}

// Shape returns the input shape given to [graph.Build]: (batch, ...).
func (p *Predictor) Shape() graph.Shape {
	if p == nil {
		return nil
	}
	return p.m.Shape()
}

// OutputShape returns the shape of the output for an input of that shape.
func (p *Predictor) OutputShape() graph.Shape {
	if p == nil {
		return nil
	}
	return p.m.OutputShape()
}

// InPlace reports whether the file was packed for the kernels in use. If not, predictions
// are the same but for rounding, and packed weights take memory of their own.
func (p *Predictor) InPlace() bool { return p != nil && p.inPlace }

// Close waits for the predictions under way and unmaps the file.
func (p *Predictor) Close() error {
	if p == nil {
		return nil
	}
	p.open.Lock()
	defer p.open.Unlock()
	if p.data == nil {
		return nil
	}
	err := p.data.Unmap()
	p.data = nil
	return errors.WithStack(err)
}
