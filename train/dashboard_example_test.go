package train_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

// The address of the page is written where Fit reports, and known to the program. Here it
// is any port that is free; one of your own, as in ":8080", lets a browser stay.
func ExampleDashboard() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
	}, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	page := train.Dashboard(":0")
	history, err := train.Fit(context.Background(), m, train.Digits(500, 1), nodes.CrossEntropy(), train.SGD(0.02),
		train.Epochs(3), train.Validation(train.Digits(100, 2)), train.ReportTo(nil), train.Callbacks(page))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	fmt.Println(len(history.Epochs), strings.HasPrefix(page.URL(), "http://127.0.0.1:"))
	// Output:
	// 3 true
}
