package deploy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/thinnet/thinnet/deploy"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

func exampleNet(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.Conv2D(s.In("conv1"), x, 16, 3, nodes.Pad(1), nodes.NoBias())
	x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn1"), x))
	x = regularize.SpatialDropout2D(s.In("drop1"), nodes.MaxPool2D(x, 2), 0.1)
	return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
}

// exampleFile freezes a model for the examples.
func exampleFile() (path string, done func(), err error) {
	m, err := graph.Build(exampleNet, graph.Shape{32, 1, 28, 28})
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "deploy")
	if err != nil {
		return "", nil, err
	}
	path = filepath.Join(dir, "digits.thinnet")
	return path, func() { _ = os.RemoveAll(dir) }, deploy.Freeze(m, path)
}

func ExampleFreeze() {
	m, err := graph.Build(exampleNet, graph.Shape{32, 1, 28, 28})
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "deploy")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "digits.thinnet")
	if err := deploy.Freeze(m, path, deploy.Batches(1, 8, 32)); err != nil {
		fmt.Println(err)
		return
	}
	file, err := os.Stat(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(file.Name(), file.Size() > 2*4*31370) // the dense layer as it is, and packed
	// Output: digits.thinnet true
}

func ExampleOpen() {
	path, done, err := exampleFile()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer done()

	p, err := deploy.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			x, y := make([]float32, 3*28*28), make([]float32, 3*10) // three images, ten numbers for each
			if err := p.PredictInto(y, x); err != nil {
				fmt.Println(err)
			}
		})
	}
	group.Wait()
	fmt.Println(p.Shape(), p.OutputShape(), p.InPlace())
	// Output: (32, 1, 28, 28) (32, 10) true
}

func ExamplePredictor_Reserve() {
	path, done, err := exampleFile()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer done()
	p, err := deploy.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	for batch := 1; batch <= 4; batch++ { // before requests come
		if err := p.Reserve(batch, 2); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println("ready")
	// Output: ready
}

// A model with ops of a user's is opened by its function.
func ExampleOpenFunc() {
	path, done, err := exampleFile()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer done()
	p, err := deploy.OpenFunc(path, exampleNet)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	fmt.Println(p.OutputShape())
	// Output: (32, 10)
}
