package regularize

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/cuda/cudatest"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// launched computes y by an op on device 0, at a step.
func launched(v *cuda.Device, op graph.Launcher, y []float32, shape graph.Shape, step uint64, in ...*tensor.Dense) error {
	return v.Do(func(s *cuda.Stream) error {
		const room = 1 << 20
		memory, err := v.Alloc(4 * room)
		if err != nil {
			return err
		}
		defer memory.Free()
		host, err := v.Pinned(room)
		if err != nil {
			return err
		}
		defer host.Free()
		at := 4 * len(y)
		values := []cuda.Value{{Pointer: memory.Pointer, Shape: shape}}
		for _, d := range in {
			at = (at + 255) / 256 * 256
			value := cuda.Value{Pointer: memory.Pointer + cuda.Pointer(at), Shape: d.Shape(), Type: cuda.Int64}
			if d.Dtype() == tensor.Float32 {
				value.Type = cuda.Float32
				for i, x := range d.Float32s() {
					binary.LittleEndian.PutUint32(host.Bytes()[at+4*i:], math.Float32bits(x))
				}
			}
			values = append(values, value)
			at += value.Bytes()
		}
		if err := s.Upload(memory.Pointer, host, 0, at); err != nil {
			return err
		}
		c := cuda.NewCommands(memory.Pointer+room, memory.Pointer+2*room, memory.Pointer+3*room)
		op.Launch(c, values[0], values[1:]...)
		_, bytes, _ := c.Layout()
		words := make([]uint32, bytes/4)
		c.StepWords(step, words)
		if err := s.Sync(); err != nil {
			return err
		}
		for i, w := range words {
			binary.LittleEndian.PutUint32(host.Bytes()[4*i:], w)
		}
		if bytes > 0 {
			if err := s.Upload(memory.Pointer+2*room, host, 0, bytes); err != nil {
				return err
			}
		}
		p, err := v.Program(c)
		if err != nil {
			return err
		}
		if err := p.Run(s); err != nil {
			return err
		}
		if err := s.Download(host, 0, memory.Pointer, 4*len(y)); err != nil {
			return err
		}
		if err := s.Sync(); err != nil {
			return err
		}
		for i := range y {
			y[i] = math.Float32frombits(binary.LittleEndian.Uint32(host.Bytes()[4*i:]))
		}
		return nil
	})
}

// What draws channels, and what layers with DropConnect predict, computes in float64 on
// both; the last bits of logarithms and sums may differ.
func TestOpsInDoubleOnCUDA(t *testing.T) {
	v, err := cuda.Open(0)
	cudatest.Check(t, err)
	r := rand.New(rand.NewPCG(3, 4))
	numbers := func(shape graph.Shape, scale float64, odd ...float64) *tensor.Dense {
		x := make([]float32, shape.TotalSize())
		for i := range x {
			x[i] = float32(scale * r.NormFloat64())
			if len(odd) > 0 && r.IntN(9) == 0 {
				x[i] = float32(odd[r.IntN(len(odd))])
			}
		}
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x))
	}
	inf, nan := math.Inf(1), math.NaN()
	const step = 1<<33 + 5
	at := tensor.New(tensor.WithShape(1), tensor.WithBacking([]int{step}))
	long := graph.Shape{6, 167}
	for name, c := range map[string]struct {
		op graph.Launcher
		in []*tensor.Dense
	}{
		"selection":         {selection{philox.Key{1, 2}, rate{p: 0.2}, 70, graph.Shape{9, 101, 1}}, []*tensor.Dense{numbers(graph.Shape{9, 101}, 2, 0, 1, 1e-42), at}},
		"selection of all":  {selection{philox.Key{1, 2}, rate{p: 0}, 33, graph.Shape{9, 33, 1}}, []*tensor.Dense{numbers(graph.Shape{9, 33}, 2, 0), at}},
		"selection of odd":  {selection{philox.Key{1, 2}, rate{p: 0.2}, 2, graph.Shape{40, 3, 1}}, []*tensor.Dense{numbers(graph.Shape{40, 3}, 2, 0, inf, nan, -inf), at}},
		"expected":          {expectedReLU{}, []*tensor.Dense{numbers(long, 4, 0, 1e9, -1e9), numbers(long, 0.1, 0, 2, 30)}},
		"expected, odd":     {expectedReLU{}, []*tensor.Dense{numbers(long, 4, inf, -inf, nan), numbers(long, 1, 0, nan)}},
		"expected by mean":  {expectedGrad{}, []*tensor.Dense{numbers(long, 4, 0, inf, nan), numbers(long, 1, 0), numbers(long, 1)}},
		"by deviation":      {expectedGrad{true}, []*tensor.Dense{numbers(long, 4, 0, inf, nan), numbers(long, 1, 0), numbers(long, 1)}},
		"deviation":         {deviation{0.3}, []*tensor.Dense{numbers(long, 1, 0, nan, inf)}},
		"deviation's grad":  {deviationGrad{0.3}, []*tensor.Dense{numbers(long, 1, 0, nan, inf), numbers(long, 1)}},
		"mean of copies":    {meanOfCopies{3}, []*tensor.Dense{numbers(long, 1, inf)}},
		"copies":            {copiesGrad{3}, []*tensor.Dense{numbers(long, 1, nan)}},
		"normals":           {newNormals(philox.Key{1, 2}, graph.Shape{7, 11}), []*tensor.Dense{numbers(long, 1)}},
		"scaled":            {scaled{1. / 3}, []*tensor.Dense{numbers(long, 1, inf)}},
		"weighted":          {weighted{1. / 3, 0.7}, []*tensor.Dense{numbers(long, 1, inf), numbers(long, 1)}},
		"L1 of many":        {l1{0.1}, []*tensor.Dense{numbers(graph.Shape{99, 501}, 1e25)}},
		"L2 of many":        {l2{1e-30}, []*tensor.Dense{numbers(graph.Shape{99, 501}, 1e25)}},
		"time differences":  {timeDifference{}, []*tensor.Dense{numbers(graph.Shape{5, 7, 11}, 1, nan)}},
		"their gradient":    {timeDifferenceGrad{}, []*tensor.Dense{numbers(graph.Shape{5, 6, 11}, 1)}},
		"two steps in time": {timeDifferenceGrad{}, []*tensor.Dense{numbers(graph.Shape{5, 1, 3}, 1)}},
	} {
		var shapes []graph.Shape
		for _, d := range c.in {
			shapes = append(shapes, d.Shape())
		}
		shape, err := c.op.InferShape(shapes...)
		if err != nil {
			t.Fatal(err)
		}
		want := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
		if err := c.op.Forward(want, c.in...); err != nil {
			t.Fatal(err)
		}
		values, ok := want.Data().([]float32)
		if !ok {
			values = []float32{want.Data().(float32)} // of a scalar
		}
		got := make([]float32, len(values))
		if err := launched(v, c.op, got, shape, step, c.in...); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i, w := range values {
			if g := got[i]; g != w && (g == g || w == w) && !(math.Abs(float64(g-w)) <= 1.2e-7*math.Abs(float64(w))) {
				t.Errorf("%s: element %d is %v, want %v", name, i, g, w)
				break
			}
		}
	}
}
