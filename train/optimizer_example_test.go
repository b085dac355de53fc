package train_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// minimise takes 200 steps from w = 0 towards the least of (w-3)².
func minimise(o *train.Optimizer) {
	w, dw := []float64{0}, []float64{0}
	params := []gorgonia.ValueGrad{&param{
		value: tensor.New(tensor.WithBacking(w)),
		grad:  tensor.New(tensor.WithBacking(dw)),
	}}
	for range 200 {
		dw[0] = 2 * (w[0] - 3)
		if err := o.Step(params); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("%.2f\n", w[0])
}

func ExampleSGD() {
	minimise(train.SGD(0.01, train.Momentum(0.9), train.Nesterov()))
	// Output: 3.00
}

func ExampleAdam() {
	minimise(train.Adam(0.1))
	// Output: 3.00
}

// The decay holds w back on its way to 3.
func ExampleAdamW() {
	minimise(train.AdamW(0.1, train.WeightDecay(0.1)))
	// Output: 2.79
}

func ExampleRMSProp() {
	minimise(train.RMSProp(0.1, train.Alpha(0.9), train.Centered()))
	// Output: 3.00
}

func ExampleAdagrad() {
	minimise(train.Adagrad(1))
	// Output: 3.00
}

// With an infinite maximum, ClipNorm only measures.
func ExampleClipNorm() {
	w := &param{
		value: tensor.New(tensor.WithBacking([]float64{0, 0})),
		grad:  tensor.New(tensor.WithBacking([]float64{30, 40})),
	}
	o := train.SGD(1, train.ClipNorm(5))
	if err := o.Step([]gorgonia.ValueGrad{w}); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("norm %.0f, step %.3f\n", o.GradNorm(), w.value.Data())
	// Output: norm 50, step [-3.000 -4.000]
}

// A mistake does not stop the program where it is made.
func ExampleOptimizer_Err() {
	fmt.Println(train.Adam(1e-3, train.Nesterov()).Err())
	// Output: train.Adam: Nesterov does not apply
}

func ExampleOptimizer_Restore() {
	w := &param{
		value: tensor.New(tensor.WithBacking([]float64{1, 2})),
		grad:  tensor.New(tensor.WithBacking([]float64{1, 0})),
	}
	before := train.SGD(0.5, train.Momentum(0.5))
	if err := before.Step([]gorgonia.ValueGrad{w}); err != nil {
		log.Fatal(err)
	}
	state := before.State()
	for _, s := range state {
		fmt.Println(s.Name, s.Value)
	}

	after := train.SGD(0.5, train.Momentum(0.5))
	if err := after.Restore(state); err != nil {
		log.Fatal(err)
	}
	if err := after.Step([]gorgonia.ValueGrad{w}); err != nil {
		log.Fatal(err)
	}
	fmt.Println("w", w.value) // 1 - 0.5·1 - 0.5·1.5
	// Output:
	// 0.step 1
	// 0.momentum_buffer [1  0]
	// w [-0.25      2]
}

// An Optimizer is a solver for any Gorgonia program.
func ExampleOptimizer_Step() {
	g := gorgonia.NewGraph()
	w := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("w"), gorgonia.WithShape(2),
		gorgonia.WithValue(tensor.New(tensor.WithBacking([]float64{1, -2}))))
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(w))))
	if _, err := gorgonia.Grad(loss, w); err != nil {
		log.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(w))
	defer vm.Close()

	solver := train.SGD(0.25) // halves w at each step
	for range 3 {
		if err := vm.RunAll(); err != nil {
			log.Fatal(err)
		}
		if err := solver.Step(gorgonia.NodesToValueGrads(gorgonia.Nodes{w})); err != nil {
			log.Fatal(err)
		}
		vm.Reset()
	}
	fmt.Println(w.Value())
	// Output: [0.125  -0.25]
}
