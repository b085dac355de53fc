package nodes_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/nodes"
)

func ExampleAccuracy() {
	m := nodes.Accuracy()
	if err := m.Add(matrix(3, 2, 2, 1, 0, 1, 5, 3), dense([]int{0, 1, 1}, 3)); err != nil {
		log.Fatal(err)
	}
	// A second batch, of one sample.
	if err := m.Add(matrix(1, 2, 1, 0), dense([]int{0}, 1)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Name(), m.Value())
	// Output: accuracy 0.75
}

// Logits of a yes.
func ExampleAccuracy_binary() {
	m := nodes.Accuracy()
	if err := m.Add(matrix(4, 1, 2, -1, 0.5, -3), matrix(4, 1, 1, 0, 0, 0)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Value())
	// Output: 0.75
}

func ExampleTopK() {
	m := nodes.TopK(2)
	if err := m.Add(matrix(2, 4, 4, 3, 2, 1, 4, 3, 2, 1), dense([]int{1, 2}, 2)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Name(), m.Value())
	// Output: top2 0.5
}

func ExampleConfusionMatrix() {
	m := nodes.ConfusionMatrix(2)
	if err := m.Add(matrix(4, 2, 2, 1, 0, 1, 0, 3, 3, 1), dense([]int{0, 1, 0, 0}, 4)); err != nil {
		log.Fatal(err)
	}
	fmt.Print(m)
	fmt.Println("accuracy", m.Value())
	// Output:
	//   target\predicted  0  1  precision  recall     F1
	//                  0  2  1      1.000   0.667  0.800
	//                  1  0  1      0.500   1.000  0.667
	// accuracy 0.75
}
