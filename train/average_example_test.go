package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

func ExampleEMA() {
	m, err := graph.Build(models.MLP(10, models.Hidden(32)), graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	validation := train.Digits(200, 2)
	history, err := train.Fit(context.Background(), m, train.Digits(1000, 1), nodes.CrossEntropy(), train.Adam(1e-2),
		train.Epochs(4), train.Validation(validation), train.ReportTo(nil),
		train.Callbacks(train.EMA(0.999, train.WarmUpDecay())))
	if err != nil {
		log.Fatal(err)
	}
	// The model now predicts by the mean, as in validation.
	e, err := train.Evaluate(context.Background(), m, validation, nodes.CrossEntropy())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Loss == history.Last().Validation.Loss)
	// Output: true
}

// The parameters at the ends of epochs 3 to 6 are averaged, at a rate that falls to half
// after two epochs and then stays.
func ExampleSWA() {
	m, err := graph.Build(models.ClassicCNN(10), graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	schedule := train.SWALR(train.InEpochs(2), 0.025, train.InEpochs(1), train.Constant())
	if _, err := train.Fit(context.Background(), m, train.Digits(500, 1), nodes.CrossEntropy(), train.SGD(0.05, train.Momentum(0.9)),
		train.Epochs(6), train.Callbacks(train.SWA(3)), train.WithSchedule(schedule), train.ReportTo(nil)); err != nil {
		log.Fatal(err)
	}
	e, err := train.Evaluate(context.Background(), m, train.Digits(200, 2), nodes.CrossEntropy(), nodes.Accuracy())
	if err != nil {
		log.Fatal(err)
	}
	accuracy, _ := e.Score("accuracy")
	fmt.Println("more than 0.9:", accuracy > 0.9)
	// Output: more than 0.9: true
}
