// Command bench times models and single operations.
//
//	go run ./cmd/bench -model cnn_bn_spatial -threads 2 -mode train
//	go run ./cmd/bench -ops
//
// A training step is forward, cross entropy, backward and update on one batch of
// noise. GFLOP are two for each multiply-add of matrix products and convolutions;
// a training step has three times those of the forward pass, less the gradient
// of the input. bench/compare.py runs this program and PyTorch in turn.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/thinnet/thinnet/graph"
)

type options struct {
	model, mode, optim       string
	batch, steps, warmup     int
	threads                  int
	device                   string
	tf32                     bool
	limit                    time.Duration
	json                     bool
	ops, scale, stock, costs bool
	cpuProfile, memProfile   string
}

// usage is a mistake of the user's.
type usage struct{ error }

func main() {
	err := run(os.Args[1:], os.Stdout, os.Stderr)
	var u usage
	switch {
	case err == nil:
	case errors.Is(err, flag.ErrHelp): // the flags are printed
	case errors.As(err, &u):
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	default:
		fmt.Fprintf(os.Stderr, "bench: %+v\n", err)
		os.Exit(1)
	}
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.model, "model", "mlp", "the network: mlp, mlp800, lenet_dropout, cnn_bn_spatial, wrn16_2, conv1d6 or lstm_dropout")
	f.StringVar(&o.mode, "mode", "train", "train or infer")
	f.StringVar(&o.optim, "optim", "sgd", "sgd, with momentum 0.9, or adam")
	f.IntVar(&o.batch, "batch", 0, "samples in a batch; 0 is the network's own")
	f.IntVar(&o.steps, "steps", 50, "steps to time")
	f.IntVar(&o.warmup, "warmup", 5, "steps before those")
	f.IntVar(&o.threads, "threads", runtime.GOMAXPROCS(0), "threads that compute")
	f.StringVar(&o.device, "device", "cpu", "what computes models: cpu, or cuda, cuda:N")
	f.BoolVar(&o.tf32, "tf32", false, "let products on a CUDA device round their factors")
	f.DurationVar(&o.limit, "limit", 40*time.Second, "stop timing after this long")
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.BoolVar(&o.ops, "ops", false, "time single operations instead of a model")
	f.BoolVar(&o.scale, "scale", false, "show how the cost grows with batch, width, depth and threads")
	f.BoolVar(&o.stock, "vs-gorgonia", false, "time an MLP and a LeNet here and on Gorgonia's TapeMachine, in turn")
	f.BoolVar(&o.costs, "profile", false, "print what each operation of a step costs")
	f.StringVar(&o.cpuProfile, "cpuprofile", "", "write a CPU profile to this file")
	f.StringVar(&o.memProfile, "memprofile", "", "write a profile of all allocations to this file")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, usage{errors.New("see -help")} // the mistake is printed
	}
	return o, o.check(f.Args())
}

func (o *options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return usage{fmt.Errorf("got the argument %q, want flags only", rest[0])}
	case o.mode != "train" && o.mode != "infer":
		return usage{fmt.Errorf("-mode is %q, want train or infer", o.mode)}
	case o.optim != "sgd" && o.optim != "adam":
		return usage{fmt.Errorf("-optim is %q, want sgd or adam", o.optim)}
	case o.batch < 0:
		return usage{fmt.Errorf("-batch is %d, want at least 1, or 0 for the network's own", o.batch)}
	case o.steps < 1:
		return usage{fmt.Errorf("-steps is %d, want at least 1", o.steps)}
	case o.warmup < 0:
		return usage{fmt.Errorf("-warmup is %d, want at least 0", o.warmup)}
	case count(o.ops, o.scale, o.stock, o.costs) > 1:
		return usage{errors.New("got more than one of -ops, -scale, -vs-gorgonia and -profile")}
	case o.threads < 1:
		return usage{fmt.Errorf("-threads is %d, want at least 1", o.threads)}
	}
	if _, err := graph.ParseDevice(o.device); err != nil {
		return usage{fmt.Errorf("-device: %w", err)}
	}
	return nil
}

func count(flags ...bool) (n int) {
	for _, set := range flags {
		if set {
			n++
		}
	}
	return n
}

func run(args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	graph.SetThreads(o.threads)
	stop, err := o.profile()
	if err != nil {
		return err
	}
	task := timeModel
	switch {
	case o.costs:
		task = profileModel
	case o.ops:
		task = timeOps
	case o.scale:
		task = timeGrowth
	case o.stock:
		task = timeStock
	}
	return errors.Join(task(stdout, o), stop())
}

// profile starts what profiles were asked for and returns what ends them.
func (o *options) profile() (stop func() error, err error) {
	var cpu *os.File
	if o.cpuProfile != "" {
		if cpu, err = os.Create(o.cpuProfile); err != nil {
			return nil, err
		}
		if err := pprof.StartCPUProfile(cpu); err != nil {
			return nil, errors.Join(err, cpu.Close())
		}
	}
	if o.memProfile != "" {
		runtime.MemProfileRate = 1
	}
	return func() error {
		var errs []error
		if cpu != nil {
			pprof.StopCPUProfile()
			errs = append(errs, cpu.Close())
		}
		if o.memProfile != "" {
			errs = append(errs, writeAllocs(o.memProfile))
		}
		return errors.Join(errs...)
	}, nil
}

func writeAllocs(path string) error {
	runtime.GC() // the profile ends at the last collection
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(file, 0), file.Close())
}
