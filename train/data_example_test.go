package train_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

func ExampleTensors() {
	x := tensor.New(tensor.WithShape(3, 2), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6}))
	t := tensor.New(tensor.WithShape(3), tensor.WithBacking([]int{0, 1, 0}))
	ds, err := train.Tensors(x, t)
	if err != nil {
		log.Fatal(err)
	}
	bx, bt, err := ds.Batch([]int{2, 0})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(bx.Shape(), bx.Data(), bt.Data())
	// Output: (2, 2) [5 6 1 2] [0 0]
}

func ExampleMap() {
	x := tensor.New(tensor.WithShape(1, 2, 2), tensor.WithBacking([]uint8{0, 51, 204, 255}))
	t := tensor.New(tensor.WithShape(1), tensor.WithBacking([]int{7}))
	ds, err := train.Tensors(x, t)
	if err != nil {
		log.Fatal(err)
	}
	ds = train.Map(ds, train.Normalize([]float64{0}, []float64{255})) // x / 255
	bx, bt, err := ds.Batch([]int{0})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(bx.Dtype(), bx.Data(), bt.Data())
	// Output: float32 [0 0.2 0.8 1] [7]
}

func ExampleDigits() {
	ds := train.Digits(1000, 1)
	x, t, err := ds.Batch([]int{0, 1, 2, 3})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ds.Len(), x.Shape(), x.Dtype(), t.Shape(), t.Dtype())
	// Output: 1000 (4, 1, 28, 28) float32 (4) int
}

func ExampleSplit() {
	training, validation, err := train.Split(train.Digits(1000, 1), 0.9, 42)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(training.Len(), validation.Len())
	// Output: 900 100
}

func ExampleOpenCSV() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "iris.csv")
	table := "length,width,species\n5.1,3.5,setosa\n6.3,3.3,virginica\n"
	if err := os.WriteFile(path, []byte(table), 0o666); err != nil {
		log.Fatal(err)
	}
	ds, err := train.OpenCSV(path, train.TargetColumn("species"))
	if err != nil {
		log.Fatal(err)
	}
	x, t, err := ds.Batch([]int{0, 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(x.Data(), t.Data(), ds.(train.Labelled).Classes())
	// Output: [5.1 3.5 6.3 3.3] [0 1] [setosa virginica]
}

func ExampleNewLoader() {
	loader, err := train.NewLoader(train.Digits(100, 1), 32, train.Shuffle(7))
	if err != nil {
		log.Fatal(err)
	}
	for batch, err := range loader.Epoch(context.Background(), 0) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(batch.Index, batch.X.Shape(), batch.T.Shape())
	}
	// Output:
	// 0 (32, 1, 28, 28) (32)
	// 1 (32, 1, 28, 28) (32)
	// 2 (32, 1, 28, 28) (32)
	// 3 (4, 1, 28, 28) (4)
}

func ExampleTransforms() {
	x := tensor.New(tensor.WithShape(1, 1, 2, 3), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6}))
	t := tensor.New(tensor.WithShape(1), tensor.WithBacking([]int{0}))
	ds, err := train.Tensors(x, t)
	if err != nil {
		log.Fatal(err)
	}
	loader, err := train.NewLoader(ds, 1, train.Transforms(
		train.FlipHorizontal(1), // always; 0.5 is usual
		train.Normalize([]float64{1}, []float64{2}),
	))
	if err != nil {
		log.Fatal(err)
	}
	for batch, err := range loader.Epoch(context.Background(), 0) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(batch.X.Data())
	}

	_, err = train.NewLoader(ds, 1, train.Transforms(train.CenterCrop(5)))
	fmt.Println(err)
	// Output:
	// [1 0.5 0 2.5 2 1.5]
	// batch 1 of 1: sample 0: transform 0: CenterCrop: size is 5, image is 3 x 2, want a square that fits
}

// Two utterances of two and three steps, in two dimensions.
func ExampleOpenTS() {
	dir, err := os.MkdirTemp("", "ts")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "words_TRAIN.ts")
	text := "@classLabel true yes no\n@data\n0.1,0.2:3,4:no\n0.5,0.6,0.7:8,9,10:yes\n"
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		log.Fatal(err)
	}
	ds, err := train.OpenTS(path)
	if err != nil {
		log.Fatal(err)
	}
	x, t, err := ds.Batch([]int{0})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(x.Shape(), x.Data(), t.Data())
	// Output: (1, 3, 2) [0.1 3 0.2 4 0 0] [1]
}

func ExampleDecodeImage() {
	var file bytes.Buffer // in place of a file
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		fmt.Println(err)
		return
	}
	x, err := train.DecodeImage(&file, int64(file.Len()), train.Grey(), train.Size(28, 28))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(x.Shape()) // for m.Predict(x)
	// Output: (1, 1, 28, 28)
}
