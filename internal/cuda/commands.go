package cuda

import (
	"math"

	"github.com/pkg/errors"
)

// Commands are what a device is to do, in order. They are recorded once, with the addresses
// and numbers that stand in them, and run many times. What differs from run to run is read
// by kernels from memory: see [Commands.PerStep].
//
// The first mistake sticks: see [Commands.Err].
type Commands struct {
	list    []command
	err     error
	scratch Pointer // of the op that is recorded
	need    int     // bytes of scratch, of the op that needs most
	used    int     // of it, by this op
	perStep Pointer
	words   int // of it
	steps   []stepWords
	faults  Pointer
	reports []report
	label   int
}

// A command is one entry of the list: a launch, or one of the others by its kind.
type command struct {
	kind   commandKind
	kernel string
	grid   [3]uint32
	block  [3]uint32
	args   []uint64 // of a launch, each in a word of its own
	to     Pointer  // of a copy or a fill
	from   Pointer
	bytes  int
	fill   uint32
	gemm   gemm
}

type commandKind uint8

const (
	launchCommand commandKind = iota
	copyCommand
	fillCommand
	gemmCommand
)

// A report is what a kernel may say, and who the op is.
type report struct {
	label int
	err   func(position int, value int32) error
}

// stepWords are computed on the host before each run.
type stepWords struct {
	at, n int
	of    func(step uint64, words []uint32)
}

// Err returns the first mistake, or nil.
func (c *Commands) Err() error { return c.err }

// Fail keeps an error, unless there is one already.
func (c *Commands) Fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// Block is the number of threads of a block where a kernel does not ask for another.
const Block = 256

// Each launches a kernel with a thread for each of n elements, in blocks of [Block]. What
// follows are its parameters, as for [Commands.Launch].
func (c *Commands) Each(kernel string, n int, args ...any) {
	c.Launch(kernel, [3]int{(n + Block - 1) / Block, 1, 1}, [3]int{Block, 1, 1}, args...)
}

// Fours launches a kernel with a thread for every four of n elements, as [Commands.Each].
func (c *Commands) Fours(kernel string, n int, args ...any) { c.Each(kernel, (n+3)/4, args...) }

// Blocks launches a kernel with n blocks of so many threads.
func (c *Commands) Blocks(kernel string, n, threads int, args ...any) {
	c.Launch(kernel, [3]int{n, 1, 1}, [3]int{threads, 1, 1}, args...)
}

// Threads returns how many threads of a block share n elements: whole warps, and so many
// elements for each thread, as far as there are.
func Threads(n, each int) int {
	threads := 32
	for threads < Block && threads*each <= n {
		threads *= 2
	}
	return threads
}

// Windows launches a kernel with a thread for each element of y, of values in, y and the
// windows over them, as pool.h has them; see [Commands.Launch] for the rest.
func (c *Commands) Windows(kernel string, y Value, in []Value, axes [6][3]int, rest ...any) {
	args := []any{y}
	for _, v := range in {
		args = append(args, v)
	}
	args = append(args, y.Len())
	for _, n := range axes {
		args = append(args, n[0], n[1], n[2])
	}
	c.Each(kernel, y.Len(), append(args, rest...)...)
}

// Launch launches a kernel. A parameter is a [Value] or a [Pointer] for a pointer; an int,
// int32 or uint32 for a number of 32 bits, which an int must fit; an int64 or uint64; a
// float32 or a float64; or a bool, for an i32 of 0 or 1. A grid without blocks is left out.
func (c *Commands) Launch(kernel string, grid, block [3]int, args ...any) {
	if c.err != nil || grid[0] == 0 || grid[1] == 0 || grid[2] == 0 {
		return
	}
	cmd := command{kind: launchCommand, kernel: kernel}
	for k, limit := range [3]int{math.MaxInt32, 65535, 65535} {
		if grid[k] < 0 || grid[k] > limit {
			c.Fail(errors.Errorf("kernel %s: a grid of %v blocks, want at most %d along axis %d", kernel, grid, limit, k))
			return
		}
		cmd.grid[k], cmd.block[k] = uint32(grid[k]), uint32(block[k])
	}
	sig, err := signatureOf(kernel)
	if err != nil {
		c.Fail(err)
		return
	}
	if len(args) != len(sig) {
		c.Fail(errors.Errorf("kernel %s: %d parameters, want %d", kernel, len(args), len(sig)))
		return
	}
	for k, a := range args {
		word, class, err := wordOf(a)
		if err == nil && class != sig[k] {
			err = errors.Errorf("%T for a parameter of type %s", a, sig[k])
		}
		if err != nil {
			c.Fail(errors.WithMessagef(err, "kernel %s: parameter %d", kernel, k))
			return
		}
		cmd.args = append(cmd.args, word)
	}
	c.list = append(c.list, cmd)
}

// wordOf returns a parameter as the word that holds it, and its type in PTX.
func wordOf(a any) (word uint64, class string, err error) {
	switch a := a.(type) {
	case Value:
		return uint64(a.Pointer), "u64", nil
	case Pointer:
		return uint64(a), "u64", nil
	case int:
		if a > math.MaxUint32 || a < math.MinInt32 {
			return 0, "", errors.Errorf("%d does not fit 32 bits", a)
		}
		return uint64(uint32(a)), "u32", nil
	case int32:
		return uint64(uint32(a)), "u32", nil
	case uint32:
		return uint64(a), "u32", nil
	case int64:
		return uint64(a), "u64", nil
	case uint64:
		return a, "u64", nil
	case float32:
		return uint64(math.Float32bits(a)), "f32", nil
	case float64:
		return math.Float64bits(a), "f64", nil
	case bool:
		if a {
			word = 1
		}
		return word, "u32", nil
	}
	return 0, "", errors.Errorf("%T can't be a parameter", a)
}

// Copy copies bytes within the memory of the device.
func (c *Commands) Copy(to, from Pointer, bytes int) {
	if bytes > 0 {
		c.list = append(c.list, command{kind: copyCommand, to: to, from: from, bytes: bytes})
	}
}

// Fill sets words of 4 bytes.
func (c *Commands) Fill(to Pointer, word uint32, words int) {
	if words > 0 {
		c.list = append(c.list, command{kind: fillCommand, to: to, fill: word, bytes: 4 * words})
	}
}

// Scratch returns working memory of so many elements of 4 bytes for the op that is recorded.
// What it holds is undefined when the op begins.
func (c *Commands) Scratch(elements int) Pointer {
	at := c.scratch + Pointer(c.used)
	c.used += Aligned(4 * elements)
	c.need = max(c.need, c.used)
	return at
}

// alignment is that of every buffer, in bytes: what memory is read in, and more than any
// vector of a kernel wants.
const alignment = 256

// Aligned returns the distance of buffers of so many bytes.
func Aligned(bytes int) int { return (bytes + alignment - 1) / alignment * alignment }

// PerStep returns memory of n words of 4 bytes that f computes on the host before each run,
// from the number of its step: the threshold of a mask whose rate has a schedule, say. The
// kernels that read it are the same ones in every run.
func (c *Commands) PerStep(n int, f func(step uint64, words []uint32)) Pointer {
	at := c.perStep.Add(c.words)
	c.steps = append(c.steps, stepWords{c.words, n, f})
	c.words += n
	return at
}

// Constants returns numbers in the memory of the device, in single precision.
func (c *Commands) Constants(x []float64) Pointer {
	return c.PerStep(len(x), func(_ uint64, words []uint32) {
		for i, v := range x {
			words[i] = math.Float32bits(float32(v))
		}
	})
}

// Report returns where kernels of this op report, by fault, what cannot be. After a run, f
// makes an error of the report of the lowest position.
func (c *Commands) Report(f func(position int, value int32) error) Pointer {
	at := c.faults + Pointer(8*len(c.reports))
	c.reports = append(c.reports, report{c.label, f})
	return at
}

// Next begins the recording of another op: the working memory is free for it. Its reports
// carry the label.
func (c *Commands) Next(label int) { c.used, c.label = 0, label }
