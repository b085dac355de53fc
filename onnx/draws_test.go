package onnx_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxtest"
	"github.com/thinnet/thinnet/onnx"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// drops are nodes that zero parts of what they read, applied to ones (N, 20, 5, 5) of a
// batch of 200.
var drops = []struct {
	name string
	net  graph.Func
	p    float64
	kept float64     // what is kept
	of   graph.Shape // the shape that is drawn
}{
	{"Dropout", func(s *scope, x *node) *node { return regularize.Dropout(s, x, 0.25) }, 0.25, 1 / 0.75, graph.Shape{200, 20, 5, 5}},
	{"Dropout, classic", func(s *scope, x *node) *node { return regularize.Dropout(s, x, 0.25, regularize.Classic()) }, 0.25, 1, graph.Shape{200, 20, 5, 5}},
	{"Dropout, at the last rate", func(s *scope, x *node) *node {
		return regularize.Dropout(s, x, 0.5, regularize.LinearRate(0, 100))
	}, 0.5, 2, graph.Shape{200, 20, 5, 5}},
	{"SpatialDropout2D", func(s *scope, x *node) *node { return regularize.SpatialDropout2D(s, x, 0.25) }, 0.25, 1 / 0.75, graph.Shape{200, 20, 1, 1}},
	{"ChannelDropout", func(s *scope, x *node) *node { return regularize.ChannelDropout(s, x, 0.25) }, 0.25, 1 / 0.75, graph.Shape{1, 20, 1, 1}},
	{"StochasticDepth", func(s *scope, x *node) *node {
		return regularize.StochasticDepth(s, x, 0.25, regularize.RowMode())
	}, 0.25, 1 / 0.75, graph.Shape{200, 1, 1, 1}},
	{"of nothing", func(s *scope, x *node) *node { return regularize.Dropout(s, x, 1) }, 1, 0, graph.Shape{200, 20, 5, 5}},
}

func TestDraws(t *testing.T) {
	x := tensor.New(tensor.WithShape(200, 20, 5, 5), tensor.Of(tensor.Float32))
	for i := range x.Float32s() {
		x.Float32s()[i] = 1
	}
	var jobs []onnxtest.Job
	for _, d := range drops {
		m, err := graph.Build(func(s *scope, x *node) *node { return d.net(s.In("drop"), x) }, graph.Shape{2, 20, 5, 5})
		if err != nil {
			t.Fatalf("%s: %+v", d.name, err)
		}
		path := t.TempDir() + "/drop.onnx"
		if err := onnx.Export(m, path, onnx.Training()); err != nil {
			t.Fatalf("%s: %+v", d.name, err)
		}
		jobs = append(jobs, onnxtest.Job{Model: path, Inputs: map[string]*tensor.Dense{"input": x}, AsWritten: true})
	}
	for i, r := range onnxtest.Run(t, jobs) {
		d := drops[i]
		if r.Err != nil {
			t.Errorf("%s: %v", d.name, r.Err)
			continue
		}
		// A draw is read at its first element; every other one must be the same.
		y, dropped := r.Outputs["output"].Values, 0.0
		for e, v := range y {
			at := index(e, x.Shape(), d.of)
			switch {
			case v != 0 && math.Abs(v-d.kept) > 1e-6:
				t.Fatalf("%s: element %d is %v, want 0 or %v", d.name, e, v, d.kept)
			case v != y[at]:
				t.Fatalf("%s: element %d is %v and element %d %v, want one draw for both", d.name, e, v, at, y[at])
			case at == e && v == 0:
				dropped++
			}
		}
		n := float64(d.of.TotalSize())
		if off := math.Abs(dropped - n*d.p); off > 5*math.Sqrt(n*d.p*(1-d.p)) {
			t.Errorf("%s: %v of %v are dropped, want about %v", d.name, dropped, n, n*d.p)
		}
	}
}

// index is the first element of x that shares the draw of element e.
func index(e int, x, of graph.Shape) (at int) {
	step := 1
	for axis := len(x) - 1; axis >= 0; axis-- {
		if of[axis] > 1 {
			at += e % x[axis] * step
		}
		e /= x[axis]
		step *= x[axis]
	}
	return at
}

// regions are nodes that draw in ways of their own, and what is to be seen of it: y of x,
// whose maps are the same in all samples, of a batch of 200.
var regions = []struct {
	name  string
	net   graph.Func
	check func(t *testing.T, x, y []float64)
}{
	{"DropBlock2D", func(s *scope, x *node) *node { return regularize.DropBlock2D(s, ones(x), 0.3, 3) }, func(t *testing.T, _, y []float64) {
		zeros, kept := 0.0, 0.0
		for _, v := range y {
			if v == 0 {
				zeros++
			} else if kept == 0 {
				kept = v
			} else if v != kept {
				t.Errorf("elements are kept as %v and as %v, want one factor", kept, v)
			}
		}
		n := float64(len(y))
		if math.Abs(kept*(n-zeros)/n-1) > 1e-5 || zeros/n < 0.2 || zeros/n > 0.3 {
			t.Errorf("of %v elements %v are dropped and the others %v, want less than 0.3 of them, and a mean of 1", n, zeros, kept)
		}
	}},
	{"Cutout", func(s *scope, x *node) *node { return regularize.Cutout(s, ones(x), 0.5, 3) }, func(t *testing.T, _, y []float64) {
		sizes := map[int]int{}
		for i := range 200 {
			zeros := 0
			for _, v := range y[i*100:][:25] {
				if v == 0 {
					zeros++
				}
			}
			sizes[zeros]++
		}
		for _, zeros := range []int{1, 2, 3, 5, 7, 8} {
			if sizes[zeros] > 0 {
				t.Errorf("a square has %d elements, want those of 3 by 3 cut at the border", zeros)
			}
		}
		if sizes[0] < 65 || sizes[0] > 135 || sizes[9] == 0 || sizes[4] == 0 {
			t.Errorf("squares of sizes %v, want half of them, and of all sizes", sizes)
		}
	}},
	{"FocusedDropout", func(s *scope, x *node) *node {
		return regularize.FocusedDropout(s, x, regularize.Participation(1), regularize.FocusBetween(0.5, 0.5))
	}, func(t *testing.T, x, y []float64) {
		for e := range y[:100] { // the last map has the largest mean
			want := 0.0
			if x[75+e%25] > 0.5*x[99] {
				want = x[e]
			}
			if y[e] != want {
				t.Errorf("element %d is %v, want %v", e, y[e], want)
			}
		}
	}},
	{"MaxDrop", func(s *scope, x *node) *node { return regularize.MaxDrop(s, x, 0.5) }, func(t *testing.T, x, y []float64) {
		zeros := 0.0
		for e, v := range y {
			switch {
			case e%25 == 24 && v == 0:
				zeros++
			case v != x[e]:
				t.Errorf("element %d is %v, want %v: it is not the largest of its map", e, v, x[e])
			}
		}
		if zeros < 330 || zeros > 470 {
			t.Errorf("the maxima of %v of 800 maps are dropped, want about half", zeros)
		}
	}},
	{"WeightedChannelDropout", func(s *scope, x *node) *node {
		return regularize.WeightedChannelDropout(s, x, 0, regularize.SelectRatio(0.5))
	}, func(t *testing.T, x, y []float64) {
		kept := [4]float64{}
		for i := range 200 {
			var scores, selected float64
			for c := range 4 {
				mean := 0.0
				for _, v := range x[i*100+c*25:][:25] {
					mean += v / 25
				}
				if scores += mean; y[i*100+c*25+24] != 0 {
					selected += mean
					kept[c]++
				}
			}
			for e := i * 100; e < i*100+100; e++ {
				if want := x[e] * scores / selected; y[e] != 0 && math.Abs(y[e]-want) > 1e-4 {
					t.Fatalf("element %d is %v, want 0 or %v", e, y[e], want)
				}
			}
		}
		if kept[0]+kept[1]+kept[2]+kept[3] != 400 || kept[3] < kept[0]+20 {
			t.Errorf("channels are kept %v times in 200 samples, want two of each, the last ones more often", kept)
		}
	}},
	{"StochasticPool2D", func(s *scope, x *node) *node { return regularize.StochasticPool2D(s, x, 5) }, func(t *testing.T, x, y []float64) {
		mean, want := 0.0, 0.0 // of Σ x² / Σ x over the maps
		for _, v := range y {
			mean += v / 800
		}
		for c := range 4 {
			squares, sum := 0.0, 0.0
			for _, v := range x[c*25:][:25] {
				squares, sum = squares+v*v, sum+v
			}
			want += squares / sum / 4
		}
		if math.Abs(mean-want) > 0.05*want {
			t.Errorf("the mean is %v, want about %v", mean, want)
		}
	}},
}

// ones are ones in the shape of x.
func ones(x *node) *node {
	return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sign(in[0]) }, x)
}

func TestRegions(t *testing.T) {
	const batch = 200
	x := tensor.New(tensor.WithShape(batch, 4, 5, 5), tensor.Of(tensor.Float32))
	wide := make([]float64, len(x.Float32s()))
	for i := range wide {
		wide[i] = float64(1 + i%25 + 10*(i/25%4)) // rising in a map, and from map to map
		x.Float32s()[i] = float32(wide[i])
	}
	var jobs []onnxtest.Job
	for _, d := range regions {
		m, err := graph.Build(func(s *scope, x *node) *node { return d.net(s.In("drop"), x) }, graph.Shape{2, 4, 5, 5})
		if err != nil {
			t.Fatalf("%s: %+v", d.name, err)
		}
		path := t.TempDir() + "/region.onnx"
		if err := onnx.Export(m, path, onnx.Training()); err != nil {
			t.Fatalf("%s: %+v", d.name, err)
		}
		jobs = append(jobs, onnxtest.Job{Model: path, Inputs: map[string]*tensor.Dense{"input": x}, AsWritten: true})
	}
	for i, r := range onnxtest.Run(t, jobs) {
		t.Run(regions[i].name, func(t *testing.T) {
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			regions[i].check(t, wide, r.Outputs["output"].Values)
		})
	}
}
