package deploy_test

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"runtime"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/cpu"
	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/nodes"
)

// packings are checksums of packed weights. Files hold such weights, so these never
// change: a kernel that packs otherwise takes the next number of packedOrder in package
// kernel, with new ones. They are not compared with anything that is right or wrong.
var packings = map[string]uint32{
	"amd64 go, order 1":     0xed010a9b,
	"amd64 avx2, order 1":   0x3312bc84,
	"amd64 avx512, order 1": 0x4d424bf2,
}

// packed has all that kernels pack weights for.
func packed(s *graph.Scope, x *graph.Node) *graph.Node {
	for i, c := range []int{20, 40} {
		x = nodes.Conv2D(s.In(fmt.Sprint("square", i)), x, c, 3, nodes.Pad(1)) // by definition and transformed
	}
	x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn"), nodes.Conv2D(s.In("grouped"), x, 48, 3, nodes.Groups(4), nodes.Stride(2))))
	x = nodes.Conv2D(s.In("depthwise"), x, 48, 3, nodes.Pad(1), nodes.Groups(48))
	x = nodes.Conv2D(s.In("pointwise"), x, 33, 1)
	x = nodes.Reshape(x, x.Dim(0), 33, -1)
	x = nodes.Conv1D(s.In("line"), x, 40, 3)
	x = nodes.Conv1D(s.In("wide"), x, 40, 5)
	x = nodes.Transpose(x, 0, 2, 1)
	x = nodes.LSTM(s.In("lstm"), x, 70).Output
	x = nodes.Flatten(nodes.GRU(s.In("gru"), x, 37).Output)
	return nodes.BatchNorm1D(s.In("bn1"), nodes.Linear(s.In("fc"), x, 19))
}

func TestPackingsStayAsTheyAre(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the checksums are those of amd64")
	}
	kerneltest.EachLevel(t, func(t *testing.T) {
		m, err := graph.Build(packed, graph.Shape{2, 3, 24, 24})
		if err != nil {
			t.Fatalf("%+v", err)
		}
		for _, w := range m.Weights() {
			if w.Value.Dtype() == m.Dtype() {
				for i := range w.Value.Float32s() { // sums of powers of 2: folded without rounding
					w.Value.Float32s()[i] = float32(i%7+1) / 4
				}
			}
		}
		sum := uint32(0) // in any order, as keys may change
		err = m.Freeze([]int{1, 32}, func(f *graph.Frozen) error {
			for _, v := range f.Prepared {
				var raw []byte
				for _, e := range v.Float32s() {
					raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(e))
				}
				sum += crc32.ChecksumIEEE(raw)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if want, known := packings[kernel.Packing()]; !known || sum != want {
			t.Errorf("%s: the packed weights have the checksum %#08x, want %#08x, known %v; a packing that changed needs the next packedOrder (level %v)",
				kernel.Packing(), sum, want, known, cpu.Get())
		}
	})
}
