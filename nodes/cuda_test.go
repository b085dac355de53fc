package nodes

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/cuda/cudatest"
	"gorgonia.org/tensor"
)

// device returns device 0, or skips the test where there is none. With
// THINNET_CUDA=require that is a failure.
func device(t *testing.T) *cuda.Device {
	t.Helper()
	v, err := cuda.Open(0)
	cudatest.Check(t, err)
	return v
}

// onDevice computes an op there. Each value has an allocation of its own, so that the driver
// of the tests finds what reads or writes beyond it.
func onDevice(t *testing.T, op graph.Launcher, in ...*tensor.Dense) (*tensor.Dense, error) {
	t.Helper()
	shape, err := op.InferShape(shapesOf(in)...)
	if err != nil {
		t.Fatal(err)
	}
	y := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	v := device(t)
	err = v.Do(func(s *cuda.Stream) error { return runOp(s, op, y, in) })
	return y, err
}

func runOp(s *cuda.Stream, op graph.Launcher, y *tensor.Dense, in []*tensor.Dense) error {
	var buffers []*cuda.Buffer
	var hosts []*cuda.Host
	defer func() {
		for _, b := range buffers {
			b.Free()
		}
		for _, h := range hosts {
			h.Free()
		}
	}()
	send := func(content []byte) (cuda.Pointer, error) {
		b, err := s.Device().Alloc(len(content))
		if err != nil {
			return 0, err
		}
		h, err := s.Device().Pinned(len(content))
		if err != nil {
			return 0, err
		}
		buffers, hosts = append(buffers, b), append(hosts, h)
		copy(h.Bytes(), content)
		return b.Pointer, s.Upload(b.Pointer, h, 0, len(content))
	}
	var values []cuda.Value
	for _, d := range append([]*tensor.Dense{y}, in...) {
		v := cuda.Value{Shape: d.Shape()}
		var content []byte
		if d.Dtype() == tensor.Int {
			v.Type = cuda.Int64
			for _, x := range d.Ints() {
				content = binary.LittleEndian.AppendUint64(content, uint64(x))
			}
		} else {
			for _, x := range d.Float32s() {
				content = binary.LittleEndian.AppendUint32(content, math.Float32bits(x))
			}
		}
		var err error
		if v.Pointer, err = send(content); err != nil {
			return err
		}
		values = append(values, v)
	}
	c := cuda.NewCommands(0, 0, 0)
	op.Launch(c, values[0], values[1:]...)
	scratch, words, reports := c.Layout()
	stepWords := make([]uint32, words/4)
	c.StepWords(0, stepWords)
	var at [3]cuda.Pointer
	for k, content := range [][]byte{make([]byte, scratch), {}, make([]byte, reports)} {
		if k == 1 {
			for _, w := range stepWords {
				content = binary.LittleEndian.AppendUint32(content, w)
			}
		}
		for i := range content {
			if k != 1 {
				content[i] = 0xff // no report, and NaN
			}
		}
		var err error
		if at[k], err = send(content); err != nil {
			return err
		}
	}
	c = cuda.NewCommands(at[0], at[1], at[2])
	op.Launch(c, values[0], values[1:]...)
	p, err := s.Device().Program(c)
	if err != nil {
		return err
	}
	if err := p.Run(s); err != nil {
		return err
	}
	out, reported := hosts[0], hosts[len(hosts)-1]
	if err := s.Download(out, 0, values[0].Pointer, values[0].Bytes()); err != nil {
		return err
	}
	if err := s.Download(reported, 0, at[2], reports); err != nil {
		return err
	}
	if err := s.Sync(); err != nil {
		return err
	}
	for i := range y.Float32s() {
		y.Float32s()[i] = math.Float32frombits(binary.LittleEndian.Uint32(out.Bytes()[4*i:]))
	}
	found := make([]uint64, reports/8)
	for i := range found {
		found[i] = binary.LittleEndian.Uint64(reported.Bytes()[8*i:])
	}
	_, err = c.Reported(found)
	return err
}

// onBoth computes an op on the CPU and on the device, and compares within tol of the largest
// magnitude, or of 1.
func onBoth(t *testing.T, op graph.Launcher, tol float64, in ...*tensor.Dense) *tensor.Dense {
	t.Helper()
	got, err := onDevice(t, op, in...)
	if err != nil {
		t.Fatal(op, err)
	}
	want := tensor.New(tensor.WithShape(got.Shape()...), tensor.Of(tensor.Float32))
	if err := op.Forward(want, in...); err != nil {
		t.Fatal(op, err)
	}
	g, w := got.Float32s(), want.Float32s()
	most := 1.0 // what is smaller by far may be the rest of a cancellation
	for _, v := range w {
		if !math.IsInf(float64(v), 0) && v == v {
			most = max(most, math.Abs(float64(v)))
		}
	}
	for i := range w {
		if d := math.Abs(float64(g[i]) - float64(w[i])); g[i] != w[i] && !(d <= tol*most) && (g[i] == g[i] || w[i] == w[i]) {
			t.Errorf("%v: element %d of %v is %v, want %v", op, i, got.Shape(), g[i], w[i])
			break
		}
	}
	return want
}

func randomOf(r *rand.Rand, mean, std float64, shape ...int) *tensor.Dense {
	d := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	for i := range d.Float32s() {
		d.Float32s()[i] = float32(mean + std*r.NormFloat64())
	}
	return d
}
