// Command gemm compares the float32 matrix product with OpenBLAS, which runs in a
// process of its own, in turn with ours: no package of this module needs cgo.
//
//	apt-get install gcc libopenblas-dev libopenblas0-openmp
//	go run ./bench/gemm
//
// It prints GFLOP/s of both and their ratio: above 1, ours is the faster one.
// OPENBLAS_CORETYPE chooses OpenBLAS's kernels, Zen if it is not set.
package main

import (
	"bufio"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
	"github.com/thinnet/thinnet/internal/kernel/gemm"
	"github.com/thinnet/thinnet/internal/kernel/pool"
)

//go:embed testdata/openblas.c
var source string

// shapes are m, k, n: squares, and products of deep learning.
var shapes = [][3]int{
	{16, 16, 16}, {32, 32, 32}, {64, 64, 64}, {128, 128, 128}, {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}, {1536, 1536, 1536}, {2048, 2048, 2048},
	{1, 784, 128}, {1, 1024, 1024}, {8, 1024, 1024}, {30, 1000, 1000}, {1, 4096, 4096},
	{64, 784, 128}, {64, 128, 10}, {128, 1024, 1024}, {12544, 800, 64}, {65536, 288, 32}, {1024, 3136, 64},
}

func main() {
	threads := flag.Int("threads", 2, "threads of both")
	turn := flag.Duration("turn", 100*time.Millisecond, "time of a turn")
	turns := flag.Int("turns", 3, "turns of each")
	only := flag.String("only", "", "one shape, as MxKxN")
	modes := flag.String("modes", "NN TN NT", "which operands are transposed")
	flag.Parse()
	if err := compare(*threads, *turn, *turns, *only, strings.Fields(*modes)); err != nil {
		log.Fatal(err)
	}
}

func compare(threads int, turn time.Duration, turns int, only string, modes []string) error {
	pool.SetThreads(threads)
	other, err := startOpenBLAS(threads)
	if err != nil {
		return err
	}
	defer other.stop()
	fmt.Printf("%v, OpenBLAS %s, %d threads, median (best) of %d turns\n", cpu.Get(), other.core, threads, turns)
	for _, s := range shapes {
		name := fmt.Sprintf("%dx%dx%d", s[0], s[1], s[2])
		if only != "" && name != only {
			continue
		}
		for _, mode := range modes {
			transA, transB := mode[0] == 'T', mode[1] == 'T'
			ours, theirs := result{}, result{}
			for range turns {
				time.Sleep(20 * time.Millisecond) // the other's threads go to sleep
				ours.add(measure(s[0], s[2], s[1], transA, transB, turn))
				time.Sleep(20 * time.Millisecond)
				r, err := other.measure(s[0], s[2], s[1], transA, transB, turn)
				if err != nil {
					return err
				}
				theirs.add(r)
			}
			flop := 2e-9 * float64(s[0]) * float64(s[1]) * float64(s[2])
			o, t := ours.sum(), theirs.sum()
			fmt.Printf("%-16s %s  ours %6.1f (%6.1f)  OpenBLAS %6.1f (%6.1f)  ratio %.2f (%.2f)\n",
				name, mode, flop/o.median, flop/o.best, flop/t.median, flop/t.best, t.median/o.median, t.best/o.best)
		}
	}
	return nil
}

// times are in seconds.
type times struct{ median, best float64 }

type result []times

func (r *result) add(t times) { *r = append(*r, t) }

// sum returns the median of the medians and the least time.
func (r result) sum() times {
	best, medians := math.Inf(1), []float64(nil)
	for _, t := range r {
		medians, best = append(medians, t.median), min(best, t.best)
	}
	slices.Sort(medians)
	return times{medians[len(medians)/2], best}
}

func measure(m, n, k int, transA, transB bool, limit time.Duration) times {
	p := gemm.Product{M: m, N: n, K: k, A: matrix(m * k), B: matrix(k * n), C: matrix(m * n),
		CStride: n, AStride: k, BStride: n, TransA: transA, TransB: transB}
	if transA {
		p.AStride = m
	}
	if transB {
		p.BStride = k
	}
	p.Run()
	var all []float64
	for start := time.Now(); len(all) < 2 || time.Since(start) < limit && len(all) < 100000; {
		t := time.Now()
		p.Run()
		all = append(all, time.Since(t).Seconds())
	}
	slices.Sort(all)
	return times{all[len(all)/2], all[0]}
}

func matrix(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i%17)*0.1 - 0.8
	}
	return x
}

// openBLAS is the other process.
type openBLAS struct {
	core string
	dir  string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

func startOpenBLAS(threads int) (*openBLAS, error) {
	dir, err := os.MkdirTemp("", "gemm")
	if err != nil {
		return nil, err
	}
	program, code := filepath.Join(dir, "openblas"), filepath.Join(dir, "openblas.c")
	if err := os.WriteFile(code, []byte(source), 0o600); err != nil {
		return nil, err
	}
	build := exec.Command("cc", "-O2", "-o", program, code, "-lopenblas")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("compiling the program for OpenBLAS: %w", err)
	}
	o := &openBLAS{dir: dir, cmd: exec.Command(program)}
	o.cmd.Env = append(os.Environ(), fmt.Sprint("OMP_NUM_THREADS=", threads), fmt.Sprint("OPENBLAS_NUM_THREADS=", threads))
	if os.Getenv("OPENBLAS_CORETYPE") == "" {
		o.cmd.Env = append(o.cmd.Env, "OPENBLAS_CORETYPE=Zen")
	}
	o.cmd.Stderr = os.Stderr
	if o.in, err = o.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	o.out = bufio.NewReader(out)
	if err := o.cmd.Start(); err != nil {
		return nil, err
	}
	_, err = fmt.Fscan(o.out, &o.core)
	return o, err
}

func (o *openBLAS) measure(m, n, k int, transA, transB bool, limit time.Duration) (t times, err error) {
	bit := map[bool]int{true: 1}
	if _, err := fmt.Fprintln(o.in, m, n, k, bit[transA], bit[transB], limit.Seconds()); err != nil {
		return t, err
	}
	_, err = fmt.Fscan(o.out, &t.median, &t.best)
	return t, err
}

func (o *openBLAS) stop() {
	o.in.Close()
	o.cmd.Wait()
	os.RemoveAll(o.dir)
}
