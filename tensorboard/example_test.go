package tensorboard_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/thinnet/thinnet/tensorboard"
)

func Example() {
	dir, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	w, err := tensorboard.New(filepath.Join(dir, "1"))
	if err != nil {
		log.Fatal(err)
	}
	for step := range 100 {
		if err := w.Scalar("temperature", step, 1/float64(step+1)); err != nil {
			log.Fatal(err)
		}
	}
	h := tensorboard.Bin([]float32{0, 0.25, 0.5, 1})
	if err := w.Histogram("values", 99, h); err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("from", h.Min, "to", h.Max, "with the sum", h.Sum)
	// Output: from 0 to 1 with the sum 1.75
}
