package export_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/thinnet/thinnet/export"
	"gorgonia.org/tensor"
)

func folder() (path string, remove func()) {
	path, err := os.MkdirTemp("", "export")
	if err != nil {
		log.Fatal(err)
	}
	return path, func() { os.RemoveAll(path) }
}

func ExampleWriteSafetensors() {
	dir, remove := folder()
	defer remove()
	path := filepath.Join(dir, "model.safetensors")

	weight := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float32{1, 2, 3, 4}))
	bias := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{5, 6}))
	err := export.WriteSafetensors(path, []export.Tensor{
		{Name: "fc1.weight", Value: weight},
		{Name: "fc1.bias", Value: bias},
	}, map[string]string{"format": "pt"})
	if err != nil {
		log.Fatal(err)
	}

	ts, meta, err := export.ReadSafetensors(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(meta)
	for _, t := range ts {
		fmt.Println(t.Name, t.Value.Shape(), t.Value.Data())
	}
	// Output:
	// map[format:pt]
	// fc1.bias (2) [5 6]
	// fc1.weight (2, 2) [1 2 3 4]
}

func ExampleWriteNPZ() {
	dir, remove := folder()
	defer remove()
	path := filepath.Join(dir, "arrays.npz")

	x := tensor.New(tensor.WithShape(3), tensor.WithBacking([]float64{1, 2, 3}))
	if err := export.WriteNPZ(path, []export.Tensor{{Name: "x", Value: x}}); err != nil {
		log.Fatal(err)
	}
	ts, err := export.ReadNPZ(path) // in Python: numpy.load(path)["x"]
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ts[0].Name, ts[0].Value.Data())
	// Output: x [1 2 3]
}

func ExampleMatch() {
	weights := []export.Tensor{
		{Name: "fc1.weight", Value: tensor.New(tensor.WithShape(1, 2), tensor.Of(tensor.Float32))},
		{Name: "fc1.bias", Value: tensor.New(tensor.WithShape(1), tensor.Of(tensor.Float32))},
	}
	file := []export.Tensor{
		{Name: "model.fc1.weight", Value: tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float64{1, 2}))},
		{Name: "model.fc2.weight", Value: tensor.New(tensor.WithShape(1, 1), tensor.WithBacking([]float64{3}))},
	}
	trim := export.Rename(func(name string) string { return strings.TrimPrefix(name, "model.") })

	fmt.Println(export.Match(weights, file, trim))
	fmt.Println(export.Match(weights, file, trim, export.Partial()), weights[0].Value.Data())
	// Output:
	// nothing loaded:
	// 	missing from the file: fc1.bias
	// 	unexpected in the file: fc2.weight
	// <nil> [1 2]
}
