package main

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A stockNet is a network of plain Gorgonia: its ops, its TapeMachine and its
// solver. The layers are those of the network here of the same name.
type stockNet struct {
	g      *gorgonia.ExprGraph
	batch  int
	params gorgonia.Nodes
}

// stockStep returns a training step of a network on Gorgonia's own machine.
func stockStep(name string, batch int) (step func() error, err error) {
	defer func() { // Gorgonia's way to say that shapes do not fit
		if r := recover(); r != nil {
			err = fmt.Errorf("%s in Gorgonia: %v", name, r)
		}
	}()
	n := &stockNet{g: gorgonia.NewGraph(), batch: batch}
	logits := map[string]func() *gorgonia.Node{"mlp": n.perceptron, "lenet_dropout": n.lenet}[name]()
	if _, err := gorgonia.Grad(n.crossEntropy(logits), n.params...); err != nil {
		return nil, err
	}
	vm := gorgonia.NewTapeMachine(n.g, gorgonia.BindDualValues(n.params...))
	solver := gorgonia.NewMomentum(gorgonia.WithLearnRate(0.01), gorgonia.WithMomentum(0.9))
	return func() error {
		defer vm.Reset()
		if err := vm.RunAll(); err != nil {
			return err
		}
		return solver.Step(gorgonia.NodesToValueGrads(n.params))
	}, nil
}

func (n *stockNet) perceptron() *gorgonia.Node {
	x := gorgonia.Must(gorgonia.Dropout(n.input(784), 0.2))
	x = gorgonia.Must(gorgonia.Dropout(gorgonia.Must(gorgonia.Rectify(n.linear(x, 1024))), 0.5))
	x = gorgonia.Must(gorgonia.Dropout(gorgonia.Must(gorgonia.Rectify(n.linear(x, 1024))), 0.5))
	return n.linear(x, 10)
}

func (n *stockNet) lenet() *gorgonia.Node {
	x := n.pooled(n.conv5(n.input(1, 28, 28), 32))
	x = n.pooled(n.conv5(x, 64))
	x = gorgonia.Must(gorgonia.Reshape(x, tensor.Shape{n.batch, 64 * 7 * 7}))
	x = gorgonia.Must(gorgonia.Rectify(n.linear(x, 1024)))
	return n.linear(gorgonia.Must(gorgonia.Dropout(x, 0.5)), 10)
}

func (n *stockNet) input(shape ...int) *gorgonia.Node {
	shape = append([]int{n.batch}, shape...)
	return gorgonia.NewTensor(n.g, gorgonia.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName("x"), gorgonia.WithInit(gorgonia.Gaussian(0, 1)))
}

func (n *stockNet) param(init gorgonia.InitWFn, shape ...int) *gorgonia.Node {
	name := fmt.Sprint("w", len(n.params))
	w := gorgonia.NewTensor(n.g, gorgonia.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithInit(init))
	n.params = append(n.params, w)
	return w
}

func (n *stockNet) linear(x *gorgonia.Node, out int) *gorgonia.Node {
	y := gorgonia.Must(gorgonia.Mul(x, n.param(gorgonia.GlorotU(1), x.Shape()[1], out)))
	return gorgonia.Must(gorgonia.BroadcastAdd(y, n.param(gorgonia.Zeroes(), 1, out), nil, []byte{0}))
}

func (n *stockNet) conv5(x *gorgonia.Node, out int) *gorgonia.Node {
	w := n.param(gorgonia.GlorotN(1), out, x.Shape()[1], 5, 5)
	y := gorgonia.Must(gorgonia.Conv2d(x, w, tensor.Shape{5, 5}, []int{2, 2}, []int{1, 1}, []int{1, 1}))
	return gorgonia.Must(gorgonia.BroadcastAdd(y, n.param(gorgonia.Zeroes(), 1, out, 1, 1), nil, []byte{0, 2, 3}))
}

func (n *stockNet) pooled(x *gorgonia.Node) *gorgonia.Node {
	return gorgonia.Must(gorgonia.MaxPool2D(gorgonia.Must(gorgonia.Rectify(x)), tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
}

func (n *stockNet) crossEntropy(logits *gorgonia.Node) *gorgonia.Node {
	target := gorgonia.NewMatrix(n.g, gorgonia.Float32, gorgonia.WithShape(n.batch, 10), gorgonia.WithName("target"), gorgonia.WithInit(gorgonia.Zeroes()))
	for i := range n.batch {
		target.Value().Data().([]float32)[i*10+i%10] = 1
	}
	logp := gorgonia.Must(gorgonia.Log(gorgonia.Must(gorgonia.SoftMax(logits))))
	perSample := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(logp, target)), 1))
	return gorgonia.Must(gorgonia.Neg(gorgonia.Must(gorgonia.Mean(perSample))))
}
