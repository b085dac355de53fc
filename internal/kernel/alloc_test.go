package kernel

import (
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/philox"
)

// What a step of training runs on float32 allocates nothing once it has run,
// whatever the number of threads.
func TestKernelsAllocateNothing(t *testing.T) {
	defer pool.SetThreads(pool.Threads())
	pool.SetThreads(2)
	const n, c, s = 4, 24, 1000
	x, dy, y := normal[float32](n*c*s, "x"), normal[float32](n*c*s, "dy"), make([]float32, n*c*s)
	bias, sums, cells := normal[float32](c, "bias"), make([]float32, c), normal[float32](n*c, "cells")
	rows := n * s
	m := NewMask(philox.KeyOf(1, "drop"), 0, 0.5)
	blocks := NewBlocks(1, n*c, [3]int{1, 10, 100}, [3]int{1, 3, 3})
	target := make([]int, rows)
	nll := &NLL{Outer: rows, Classes: c, Inner: 1}
	shape, noise := []int{n, c, s}, []int{n, c, 1}
	terms := [][]float32{x, dy, x, dy, x}
	for name, f := range map[string]func(){
		"Copy":               func() { Copy(y, x) },
		"ToLast":             func() { ToLast(y, x, n, c, s) },
		"Add":                func() { Add(y, x, dy) },
		"AddAll":             func() { AddAll(y, terms...) },
		"Broadcast":          func() { Broadcast(OpAdd, y, x, bias, []int{rows, c}, []int{rows, c}, []int{c}) },
		"Broadcast of equal": func() { Broadcast(OpMul, y, x, dy, shape, shape, shape) },
		"AddChannel":         func() { AddChannel(y, x, bias, n, c, s) },
		"AddChannel last":    func() { AddChannel(y, x, bias, rows, c, 1) },
		"ChannelSum":         func() { ChannelSum(sums, x, n, c, s) },
		"ChannelSum last":    func() { ChannelSum(sums, x, rows, c, 1) },
		"Sum":                func() { Sum(x) },
		"SumSquares":         func() { SumSquares(x) },
		"ReLU":               func() { ReLU(y, x) },
		"ReLUGrad":           func() { ReLUGrad(y, x, dy) },
		"LeakyReLU":          func() { LeakyReLU(y, x, 0.1) },
		"Activate":           func() { Activate(GELU(), y, x) },
		"ActivateGrad":       func() { ActivateGrad(GELU(), y, x, x, dy) },
		"Scale":              func() { Scale(y, x, 2) },
		"MaskApply":          func() { MaskApply(m, y, x) },
		"MaskApplyLast":      func() { MaskApplyLast(m, y, x, n, c, s) },
		"MaskCells":          func() { MaskCells(m, cells) },
		"MaskBroadcast":      func() { MaskBroadcast(y, x, cells, shape, noise) },
		"MaskBroadcastLast":  func() { MaskBroadcastLast(y, x, cells, n, c, s) },
		"Focus":              func() { Focus(y[:n*s], x, 0.5, n, c, s, false) },
		"Focus last":         func() { Focus(y[:n*s], x, 0.5, n, c, s, true) },
		"SelectChannels":     func() { SelectChannels(cells, x, m.Key, 0, n, c, 20, 0.1) },
		"Squares":            func() { Squares(y[:n*s], m.Key, 0, n, 10, 100, 30, 0.5) },
		"MaxDrop":            func() { MaxDrop(Maxima{n, c, s, false, false}, m, y, x, x) },
		"MaxDrop last":       func() { MaxDrop(Maxima{n, c, s, false, true}, m, y, x, x) },
		"BlocksApply":        func() { BlocksApply(blocks, Corners{m, 1}, y, x) },
		"BlocksApplyLast":    func() { BlocksApplyLast(blocks, Corners{m, 1}, y, x, n, c, s) },
		"Softmax":            func() { Softmax(y, x, rows, c, 1) },
		"Softmax of strips":  func() { Softmax(y, x, n, c, s) },
		"LogSoftmax":         func() { LogSoftmax(y, x, rows, c, 1) },
		"SoftmaxBackward":    func() { SoftmaxBackward(y, x, dy, rows, c, 1) },
		"LogSoftmaxBackward": func() { LogSoftmaxBackward(y, x, dy, rows, c, 1) },
		"NLLForward":         func() { NLLForward(nll, dy[:rows], x, target) },
		"NLLBackward":        func() { NLLBackward(nll, y, dy[:rows], target) },
		"SquaredError":       func() { SquaredError(y, x, dy) },
		"BCEWithLogits":      func() { BCEWithLogits(y, x, dy, nil) },
		"Permute":            func() { Permute(y, x, shape, []int{1, 2, 0}) },
		"CopyBlock":          func() { CopyBlock(y, x[:n*s], n, c, 1, 2, s) },
		"DropConnectGradX":   func() { DropConnectGradX(m, y, x, dy, n, c, s) },
		"DropConnectGradW":   func() { DropConnectGradW(m, y, x, dy, n, c, s) },
		"DropConnect":        func() { DropConnect(m, y, x, dy, bias, n, c, s) },
		"DropConnectGradB":   func() { DropConnectGradB(m, sums, x, n, c, s) },
		"RenormRows":         func() { RenormRows(y, c, n*s, 0, 1) },
		"AttentionBackward":  func() { AttentionBackward(y, x, dy, rows, c, 2) },
		"AddSinusoids":       func() { AddSinusoids(y, x, n, s, c) },
		"TimeDifference":     func() { TimeDifference(y, x, n, s, c) },
		"TimeDifferenceGrad": func() { TimeDifferenceGrad(y, x[:n*(s-1)*c], n, s, c) },
	} {
		if got := testing.AllocsPerRun(20, f); got != 0 {
			t.Errorf("%s: %v allocations a call, want 0", name, got)
		}
	}
}
