// Papers repeats experiments of the dropout papers: it trains the networks they
// compare, prints a table, and leaves figures and a CSV behind. What came out is in
// docs/results.md.
//
//	go run ./examples/papers -run mnist-mlp -data DIR -out results
//
// DIR has the folders mnist, fashion-mnist, cifar10, timeseries and text. A run
// that is interrupted goes on where it was when the command is given again.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/train"
)

// studies are what there is to run.
var studies = map[string]func(context.Context, settings) error{
	"mnist-mlp":      mnistMLP,
	"mnist-3x1024":   mnist3x1024,
	"monte-carlo":    monteCarlo,
	"fashion-cnn":    fashionCNN,
	"cifar-wrn":      cifarWRN,
	"vowels":         vowels,
	"language-model": languageModel,
}

type settings struct {
	data, out     string
	epochs, seeds int // 0 for those of the study
	atOnce        int
	show          bool
}

func main() {
	var s settings
	names := slices.Sorted(maps.Keys(studies))
	name := flag.String("run", "", "what to run: "+strings.Join(names, ", "))
	flag.StringVar(&s.data, "data", os.Getenv("THINNET_DATA"), "folder of the data sets; by default $THINNET_DATA")
	flag.StringVar(&s.out, "out", "results", "folder for the results")
	flag.IntVar(&s.epochs, "epochs", 0, "passes over the training data, instead of those of the study")
	flag.IntVar(&s.seeds, "seeds", 0, "train with the seeds 1 to this, instead of those of the study")
	flag.IntVar(&s.atOnce, "at-once", 0, "models to train at the same time; 0 for as many as there is room for")
	flag.BoolVar(&s.show, "show", false, "train nothing, show what there is")
	flag.Parse()
	study, known := studies[*name]
	switch {
	case flag.NArg() > 0:
		log.Fatalf("unexpected argument %q; see -help", flag.Arg(0))
	case !known:
		log.Fatalf("-run is %q, want one of %s", *name, strings.Join(names, ", "))
	case s.seeds < 0:
		log.Fatalf("-seeds is %d, want at least 1, or 0 for those of the study", s.seeds)
	case s.data == "":
		log.Fatal("give the folder of the data sets as -data or in $THINNET_DATA")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	s.out = filepath.Join(s.out, *name)
	if err := study(ctx, s); err != nil {
		log.Fatal(err)
	}
}

// orElse is the number of a flag, or that of a study if the flag was not given.
func orElse(flag, study int) int {
	if flag == 0 {
		return study
	}
	return flag
}

// seedsTo counts from 1 to n.
func seedsTo(n int) []uint64 {
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = uint64(i + 1)
	}
	return seeds
}

// compare trains all variants of a study and shows what came out, also if it was
// cut off. Figures of another number of epochs are kept in another folder.
func (s settings) compare(ctx context.Context, study train.Study, epochs int, measures ...string) (*train.Comparison, error) {
	dir := filepath.Join(s.out, fmt.Sprintf("%d-epochs", epochs))
	c, failed := s.runs(ctx, study, dir)
	if c == nil || len(c.Runs) == 0 {
		return nil, failed
	}
	for _, measure := range measures {
		fmt.Println()
		if err := c.Table(os.Stdout, measure); err != nil {
			return nil, err
		}
	}
	if err := c.Plot(filepath.Join(dir, "curves.png"), measures...); err != nil {
		return nil, err
	}
	f, err := os.Create(filepath.Join(dir, "runs.csv"))
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer f.Close()
	if err := c.WriteCSV(f); err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, errors.WithStack(err)
	}
	return c, failed
}

// runs makes the runs of a study, or with -show returns those made before.
func (s settings) runs(ctx context.Context, study train.Study, dir string) (*train.Comparison, error) {
	if !s.show {
		opts := []train.CompareOption{train.ResultsIn(dir), train.KeepWeights()}
		if s.atOnce != 0 {
			opts = append(opts, train.Parallel(s.atOnce))
		}
		return train.Compare(ctx, study, opts...)
	}
	var names []string
	for _, v := range study.Variants {
		names = append(names, v.Name)
	}
	return train.ReadComparison(dir, names...)
}
