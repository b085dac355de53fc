package train_test

import (
	"context"
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

func ExamplePredictMonteCarlo() {
	ctx, data := context.Background(), train.Digits(120, 1)
	m, err := graph.Build(smallNet, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	u, err := train.PredictMonteCarlo(ctx, m, data, 20, train.Softmax())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(u.Mean.Shape(), u.Variance.Shape(), u.Entropy.Shape(), u.MutualInformation.Shape())

	// The accuracy of the mean, beside that of a prediction in one pass.
	scores, err := u.Score(ctx, data, nodes.Accuracy())
	if err != nil {
		fmt.Println(err)
		return
	}
	one, err := train.Evaluate(ctx, m, data, nodes.CrossEntropy(), nodes.Accuracy())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(scores[0].Name, one.Scores[0].Name)
	// Output:
	// (120, 10) (120, 10) (120) (120)
	// accuracy accuracy
}

func ExamplePredictEnsemble() {
	m, err := graph.Build(smallNet, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := train.PredictEnsemble(context.Background(), m, train.Digits(120, 1), 5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Shape())
	// Output: (5, 120, 10)
}
