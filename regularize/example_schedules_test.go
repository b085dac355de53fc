package regularize_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// The rate rises from 0 to p = 0.5 in five steps, and stays there.
func ExampleLinearRate() {
	printRates(0.5, regularize.LinearRate(0, 5))
	// Output:
	// 0.00 0.10 0.20 0.30 0.40 0.50
}

// Nearly all of p = 0.5 is reached in the first half of the four steps.
func ExampleCurriculumRate() {
	printRates(0.5, regularize.CurriculumRate(4))
	// Output:
	// 0.00 0.46 0.50 0.50 0.50 0.50
}

// Each step draws a rate between 0 and p = 1, one for all elements.
func ExampleRandomRate() {
	printRates(1, regularize.RandomRate(0))
	// Output:
	// 0.84 0.95 0.96 0.33 0.83 0.71
}

// A schedule of one's own: no dropout in the first three steps, to warm up.
func ExampleRateFunc() {
	printRates(0.5, regularize.RateFunc("from step 3", func(p float64, step uint64) float64 {
		if step < 3 {
			return 0
		}
		return p
	}))
	// Output:
	// 0.00 0.00 0.00 0.50 0.50 0.50
}

// printRates prints the rate in the first steps of training. Of ones each dropped
// element is off by 1 and each kept one by 1/(1-p) - 1, in the mean by 2p.
func printRates(p float64, schedule regularize.Schedule) {
	const n = 100_000
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = regularize.Dropout(s.In("drop"), x, p, schedule)
		return nodes.Mul(x, s.Param("scale", graph.Shape{1}, graph.Ones()))
	}, graph.Shape{1, n}, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	t := m.Trainer(nodes.L1())
	ones := tensor.Ones(tensor.Float32, 1, n)
	for range 6 {
		r, err := t.Step(ones, ones)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.2f ", r.Loss/2)
	}
	fmt.Println()
}
