// Serve predicts digits over HTTP.
//
//	go run ./examples/serve
//	curl -H 'Content-Type: application/json' -d '{"inputs": [[0, 0.5, ...]]}' http://localhost:8080/predict
//
// An input is the 784 pixels of an image of 28 by 28, of 0 to 1; the answer is
// {"outputs": [[...]]} with ten numbers for each, the largest of which is at the digit.
// Requests that come at about the same time are one batch. /healthz says that the process
// lives, /readyz that it takes requests, and /metrics is for Prometheus. On SIGTERM or
// Ctrl-C /readyz says no, and after a second the server takes no more requests, answers
// those that it took, and ends.
//
// The model is a frozen one, digits.thinnet. If there is none, it is trained first on the
// built-in digits, which takes some seconds.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/thinnet/thinnet/deploy"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

var classifier = models.LeNet5(10, models.Dropout(0.3))

func main() {
	var l limits
	path := flag.String("model", "digits.thinnet", "`file` of the frozen model")
	addr := flag.String("addr", "localhost:8080", "`address` to listen at")
	flag.IntVar(&l.batch, "max-batch", 32, "most samples of a batch, and of a request")
	flag.DurationVar(&l.wait, "max-wait", 2*time.Millisecond, "how long a request waits for others")
	flag.IntVar(&l.queue, "queue", 256, "how many requests may wait")
	flag.Int64Var(&l.body, "max-body", 1<<20, "most `bytes` of a request")
	flag.DurationVar(&l.timeout, "timeout", 5*time.Second, "how long a request may wait for its answer")
	notice := flag.Duration("notice", time.Second, "how long the server goes on once /readyz says that it stops")
	drain := flag.Duration("drain", 30*time.Second, "how long open requests have after that")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *path, *addr, l, *notice, *drain); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, path, addr string, l limits, notice, drain time.Duration) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := learn(ctx, path); err != nil {
			return err
		}
	}
	p, err := deploy.Open(path)
	if err != nil {
		return err
	}
	defer p.Close() // after the last answer
	for n := 1; n <= l.batch; n++ {
		if err := p.Reserve(n, 1); err != nil {
			return err
		}
	}
	s, err := newServer(p, l)
	if err != nil {
		return err
	}
	at, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Println("listening at", at.Addr())
	return s.serve(ctx, at, notice, drain)
}

// learn trains the classifier and freezes it.
func learn(ctx context.Context, path string) error {
	fmt.Println(path, "is not there: learning digits")
	m, err := graph.Build(classifier, graph.Shape{32, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		return err
	}
	if _, err := train.Fit(ctx, m, train.Digits(6000, 1), nodes.CrossEntropy(), train.Adam(2e-3), train.Epochs(3),
		train.Metrics(nodes.Accuracy())); err != nil {
		return err
	}
	return deploy.Freeze(m, path, deploy.Batches(1, 4, 16, 32))
}
