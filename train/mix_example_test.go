package train_test

import (
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

// Two images, one of zeros in class 0 and one of ones in class 1: a mixture is as large
// as its share of class 1.
func ExampleMixup() {
	printMixed(train.Mixup(0.4, 2))
	// Output:
	// [0.22 0.22 0.22 0.22]
	// [0.22 0.22 0.22 0.22]
	// [0.22 0.22 0.22 0.22]
	// [0.22 0.22 0.22 0.22]
	// target [0.78 0.22]
}

// The box is of zeros here, so that class 0 has a share of its area.
func ExampleCutMix() {
	printMixed(train.CutMix(1, 2))
	// Output:
	// [1.00 1.00 1.00 1.00]
	// [1.00 1.00 1.00 1.00]
	// [1.00 0.00 0.00 1.00]
	// [1.00 0.00 0.00 1.00]
	// target [0.25 0.75]
}

// printMixed prints the first image of a batch of two, and its target.
func printMixed(t train.BatchTransform) {
	x := tensor.New(tensor.WithShape(2, 1, 4, 4), tensor.Of(tensor.Float32))
	for i := 16; i < 32; i++ {
		x.Float32s()[i] = 1
	}
	ds, err := train.Tensors(x, tensor.New(tensor.WithShape(2), tensor.WithBacking([]int{0, 1})))
	if err != nil {
		log.Fatal(err)
	}
	l, err := train.NewLoader(ds, 2, train.Shuffle(7), train.BatchTransforms(t))
	if err != nil {
		log.Fatal(err)
	}
	for b, err := range l.Epoch(context.Background(), 1) {
		if err != nil {
			log.Fatal(err)
		}
		for row := range slices.Chunk(b.X.Float32s()[:16], 4) {
			fmt.Printf("%.2f\n", row)
		}
		fmt.Printf("target %.2f\n", b.T.Float32s()[:2])
	}
}
