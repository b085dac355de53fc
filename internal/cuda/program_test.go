package cuda

import (
	"bytes"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"testing"
)

// A chain of kernels, products, copies and fills has the same bits when its commands are put
// in the stream one by one and when they are one graph, on inputs that the graph has not
// seen too.
func TestCapturedIsEager(t *testing.T) {
	v := device(t)
	within(t, v, func(s *Stream) error {
		const n = 37 * 37
		r, out := roomFor(t, v, 4*n), roomFor(t, v, 3*4*n)
		x, y, z := r.memory.Pointer, out.memory.Pointer, out.memory.Pointer.Add(n)
		last := out.memory.Pointer.Add(2 * n)
		c := NewCommands(0, 0, 0)
		c.Fill(z, 0, n)
		c.Each("relu", n, y, x, n)
		c.Gemm(Product{C: z, A: x, B: y, M: 37, N: 37, K: 37})
		c.Gemm(Product{C: z, A: y, B: x, M: 37, N: 37, K: 37, TransposeA: true, Add: true})
		c.Copy(last, z, 4*n)
		c.Gemm(Product{C: last, A: x, B: x, M: 1, N: 37, K: 37, LDA: 37, Count: 37, StrideA: 37, StrideC: 37})
		eager, err := v.Program(c)
		if err != nil {
			return err
		}
		captured, err := v.Program(c)
		if err != nil {
			return err
		}
		defer captured.Free()
		if err := captured.Capture(s); err != nil {
			return err
		}
		random := rand.New(rand.NewPCG(3, 4))
		for round := range 3 {
			for i, f := range normals(random, n) {
				r.words()[i] = math.Float32bits(f)
			}
			var results [][]byte
			for _, run := range []func(*Stream) error{
				eager.Run,
				captured.Run,
				captured.Run,
				func(s *Stream) error {
					for k := range eager.Len() {
						if err := eager.RunOne(s, k); err != nil {
							return err
						}
					}
					return nil
				},
			} {
				if err := s.Fill(out.memory.Pointer, ^uint32(0), 3*n); err != nil {
					return err
				}
				if err := s.Upload(x, r.host, 0, 4*n); err != nil {
					return err
				}
				if err := run(s); err != nil {
					return err
				}
				if err := s.Download(out.host, 0, out.memory.Pointer, 3*4*n); err != nil {
					return err
				}
				if err := s.Sync(); err != nil {
					return err
				}
				results = append(results, bytes.Clone(out.host.Bytes()))
			}
			for k, got := range results[1:] {
				if !bytes.Equal(got, results[0]) {
					t.Errorf("round %d: run %d differs from the first", round, k+2)
				}
			}
		}
		return nil
	})
}

// Every kernel loads: for the fake driver, its host build has parameters of the same sizes.
func TestAllKernelsLoad(t *testing.T) {
	v := device(t)
	within(t, v, func(*Stream) error {
		for name := range allEntries().signatures {
			if _, err := v.kernel(name); err != nil {
				t.Error(err)
			}
		}
		return nil
	})
}

func TestCompilersWordsAreInTheError(t *testing.T) {
	fakeDriver(t)
	v := device(t)
	within(t, v, func(*Stream) error {
		all := allEntries()
		all.text["broken.ptx"] = ".version 7.8\n.target sm_75\n.visible .entry nowhere(\n)\n"
		defer delete(all.text, "broken.ptx")
		_, err := v.load("broken.ptx")
		expect(t, "PTX of an unknown kernel", err, "ptxas error: the host build has no kernel nowhere: cuModuleLoadDataEx of broken.ptx: ")
		return nil
	})
}

var sharedText = regexp.MustCompile(`(?m)^(?:.*\s)?\.shared \.align \d+ \.b8 ([\w$]+)\[(\d+)\]`)

// Blocks of devices have 48 KB of shared memory that a launch need not ask for.
func TestSharedMemoryFits(t *testing.T) {
	found := 0
	for file, text := range allEntries().text {
		of := map[string]int{}
		for _, m := range sharedText.FindAllStringSubmatch(text, -1) {
			n, err := strconv.Atoi(m[2])
			if err != nil {
				t.Fatal(err)
			}
			of[m[1]] = n
			found++
		}
		for _, body := range regexp.MustCompile(`(?s)\.entry (\w+)\(.*?\n\}`).FindAllStringSubmatch(text, -1) {
			sum := 0
			for name, n := range of {
				if regexp.MustCompile(regexp.QuoteMeta(name) + `\b`).MatchString(body[0]) {
					sum += n
				}
			}
			if sum > 48<<10 {
				t.Errorf("%s: kernel %s has %d bytes of shared memory, want at most 48 KB", file, body[1], sum)
			}
		}
	}
	if found == 0 {
		t.Error("no kernel has shared memory: the test does not see it")
	}
}
