// Command vec generates the loops over slices of float32, and with -chosen and
// -plain the Go functions over them.
package main

import (
	"flag"
	"log"
	"slices"

	. "github.com/mmcloughlin/avo/build"

	"github.com/thinnet/thinnet/internal/kernel/asm/isa"
)

var (
	chosen = flag.String("chosen", "", "write the functions that choose among the levels to this file")
	plain  = flag.String("plain", "", "write the functions of a build without assembly to this file")
)

func main() {
	flag.Parse()
	isa.Tags()
	loops := slices.Concat(elementwise, reductions, optimizers, activations, softmaxes, cells)
	for _, l := range levels {
		for _, s := range loops {
			s.emit(l)
		}
		transpose(l)
		maskApply(l)
		maskShift(l)
		maskBits(l)
		words(l, "drawWords", maskRounds)
		for _, op := range []string{"Add", "Mul"} {
			normal(l, op)
			normalPairs(l, op)
		}
		words(l, "normalWords", normalRounds)
		bitsApply(l)
		for _, s := range lineLoops {
			s.emit(l)
		}
		for _, s := range lineReductions {
			s.emit(l)
		}
		for _, vectors := range []int{0, 4} {
			maxRows(l, vectors)
			zeroFirst(l, vectors)
		}
		for vectors := range 5 {
			for _, r := range rowLoops {
				r.emit(l, vectors)
			}
			sumRows(l, vectors)
		}
	}
	transposeBits()
	if err := wrappers(loops, *chosen, *plain); err != nil {
		log.Fatal(err)
	}
	Generate()
}
