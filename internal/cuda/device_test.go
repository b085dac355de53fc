package cuda

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"testing"
)

// device returns device 0, or skips the test where there is none. With
// THINNET_CUDA=require that is a failure.
func device(t testing.TB) *Device {
	t.Helper()
	v, err := Open(0)
	if err == nil {
		return v
	}
	var none *Unavailable
	if errors.As(err, &none) && os.Getenv("THINNET_CUDA") != "require" {
		t.Skip(err)
	}
	t.Fatal(err)
	return nil
}

// on records commands over values of the given elements and runs them: read[i] is where the
// i-th lies. It returns what the values are then.
func on(t testing.TB, values [][]float32, record func(c *Commands, at []Value)) [][]float32 {
	t.Helper()
	v := device(t)
	err := v.Do(func(s *Stream) error {
		bytes := 0
		for _, x := range values {
			bytes += Aligned(4 * len(x))
		}
		memory, err := v.Alloc(bytes + 1<<20)
		if err != nil {
			return err
		}
		defer memory.Free()
		host, err := v.Pinned(bytes + alignment)
		if err != nil {
			return err
		}
		defer host.Free()
		var at []Value
		offset := 0
		for _, x := range values {
			for i, f := range x {
				binary.LittleEndian.PutUint32(host.Bytes()[offset+4*i:], math.Float32bits(f))
			}
			at = append(at, Value{Pointer: memory.Pointer + Pointer(offset), Shape: []int{len(x)}})
			offset += Aligned(4 * len(x))
		}
		if err := s.Upload(memory.Pointer, host, 0, bytes); err != nil {
			return err
		}
		scratch := memory.Pointer + Pointer(bytes)
		c := NewCommands(scratch, scratch, scratch)
		record(c, at)
		p, err := v.Program(c)
		if err != nil {
			return err
		}
		if err := p.Run(s); err != nil {
			return err
		}
		if err := s.Download(host, 0, memory.Pointer, bytes); err != nil {
			return err
		}
		if err := s.Sync(); err != nil {
			return err
		}
		for k, x := range values {
			for i := range x {
				x[i] = math.Float32frombits(binary.LittleEndian.Uint32(host.Bytes()[int(at[k].Pointer-memory.Pointer)+4*i:]))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestReLU(t *testing.T) {
	nan := float32(math.NaN())
	y := on(t, [][]float32{make([]float32, 5), {-1, 0, 2, nan, -3}}, func(c *Commands, at []Value) {
		c.Fours("relu", 5, at[0], at[1], 5)
	})[0]
	for i, want := range []float32{0, 0, 2, nan, 0} {
		if y[i] != want && want == want || want != want && y[i] == y[i] {
			t.Errorf("element %d is %v, want %v", i, y[i], want)
		}
	}
}

func TestGemm(t *testing.T) {
	c := on(t, [][]float32{{1, 2, 3, 4, 5, 6}, {1, 0, 0, 1, 1, 1}, make([]float32, 4)}, func(c *Commands, at []Value) {
		c.Gemm(Product{C: at[2].Pointer, A: at[0].Pointer, B: at[1].Pointer, M: 2, N: 2, K: 3})
	})[2]
	for i, want := range []float32{4, 5, 10, 11} {
		if c[i] != want {
			t.Errorf("element %d is %v, want %v", i, c[i], want)
		}
	}
}

func TestLaunchesDoNotAllocate(t *testing.T) {
	v := device(t)
	err := v.Do(func(s *Stream) error {
		memory, err := v.Alloc(1 << 10)
		if err != nil {
			return err
		}
		defer memory.Free()
		c := NewCommands(0, 0, 0)
		c.Fours("relu", 100, memory.Pointer, memory.Pointer, 100)
		p, err := v.Program(c)
		if err != nil {
			return err
		}
		if n := testing.AllocsPerRun(100, func() {
			if err := p.Run(s); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("a launch allocates %v times, want 0", n)
		}
		return s.Sync()
	})
	if err != nil {
		t.Fatal(err)
	}
}
