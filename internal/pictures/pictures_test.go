package pictures

import (
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

func TestSample(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		name    string
		x       *tensor.Dense
		i, x0   int // the sample, and the pixel in it
		want    color.Color
		nothing bool
	}{
		{name: "grey from 0 to 1", x: of([]float32{0, 0.2, 0.4, 0.6}, 1, 1, 2, 2), x0: 1, want: color.Gray{51}},
		{name: "stretched", x: of([]float32{0, 0, 0, 0, -1, 0, 1, 3}, 2, 1, 2, 2), i: 1, x0: 1, want: color.Gray{64}},
		{name: "one colour", x: of([]float32{7, 7, 7, 7}, 1, 1, 2, 2), want: color.Gray{0}},
		{name: "not finite", x: of([]float32{nan, inf, 2, 4}, 1, 1, 2, 2), x0: 1, want: color.Gray{255}},
		{name: "colour", x: of([]float32{1, 0, 0, 0, 0.2, 0, 0, 0, 0.4, 0, 0, 0}, 1, 3, 2, 2), want: color.NRGBA{255, 51, 102, 255}},
		{name: "bytes", x: of([]uint8{0, 128, 0, 255}, 1, 1, 2, 2), x0: 1, want: color.Gray{128}},
		{name: "float64", x: of([]float64{0, 1, 0, 1}, 1, 1, 2, 2), x0: 1, want: color.Gray{255}},
		{name: "two planes", x: of(make([]float32, 8), 1, 2, 2, 2), nothing: true},
		{name: "a series", x: of(make([]float32, 4), 1, 1, 4), nothing: true},
		{name: "classes", x: of(make([]int, 4), 1, 1, 2, 2), nothing: true},
		{name: "no such sample", x: of(make([]float32, 4), 1, 1, 2, 2), i: 1, nothing: true},
		{name: "nil", nothing: true},
	} {
		img := Sample(c.x, c.i)
		if (img == nil) != c.nothing {
			t.Errorf("%s: got %v", c.name, img)
			continue
		}
		if img != nil && img.At(c.x0, 0) != c.want {
			t.Errorf("%s: got %v, want %v", c.name, img.At(c.x0, 0), c.want)
		}
	}
}

func of(data any, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
}

func TestFilters(t *testing.T) {
	for _, c := range []struct {
		name  string
		net   graph.Func
		shape graph.Shape
		many  int
		size  image.Point
		of    string
	}{
		{"convolution", func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Conv2D(s.In("conv"), x, 6, 5) }, graph.Shape{1, 3, 8, 8}, 4, image.Pt(5, 5), "conv.weight"},
		{"linear", func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Linear(s.In("fc"), nodes.Flatten(x), 3) }, graph.Shape{1, 1, 4, 6}, 3, image.Pt(6, 4), "fc.weight"},
		{"linear of numbers", func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Linear(s.In("fc"), x, 3) }, graph.Shape{1, 24}, 0, image.Point{}, ""},
		{"1 by 1", func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Conv2D(s.In("conv"), x, 6, 1) }, graph.Shape{1, 3, 8, 8}, 0, image.Point{}, ""},
		{"none", func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.ReLU(x) }, graph.Shape{1, 3, 8, 8}, 0, image.Point{}, ""},
	} {
		m, err := graph.Build(c.net, c.shape, graph.Seed(3))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		name, filters := Filters(m, 4)
		if name != c.of || len(filters) != c.many {
			t.Errorf("%s: got %d of %q, want %d of %q", c.name, len(filters), name, c.many, c.of)
		}
		for _, f := range filters {
			if f.Bounds().Size() != c.size {
				t.Errorf("%s: a filter has size %v, want %v", c.name, f.Bounds().Size(), c.size)
			}
		}
	}
}

func TestGrid(t *testing.T) {
	if Grid(nil) != nil {
		t.Error("there is a grid of nothing")
	}
	small := image.NewGray(image.Rect(0, 0, 10, 8))
	small.SetGray(9, 7, color.Gray{200})
	g := Grid([]image.Image{small, small, small}) // 2 by 2, 4 times as large
	if got, want := g.Bounds().Size(), image.Pt(2*40+4, 2*32+4); got != want {
		t.Fatalf("the size is %v, want %v", got, want)
	}
	for at, want := range map[image.Point]color.NRGBA{
		{39, 31}: {200, 200, 200, 255}, {36, 28}: {200, 200, 200, 255}, {35, 31}: {0, 0, 0, 255},
		{40, 0}: {}, {39, 67}: {200, 200, 200, 255}, {83, 67}: {},
	} {
		if got := g.At(at.X, at.Y); got != want {
			t.Errorf("pixel %v is %v, want %v", at, got, want)
		}
	}
}
