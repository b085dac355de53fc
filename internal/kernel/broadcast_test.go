package kernel

import (
	"fmt"
	"testing"
)

func testBroadcast[T Float](t *testing.T) {
	for _, c := range []struct{ shape, a, b []int }{
		{nil, nil, nil},
		{[]int{1, 1}, []int{1}, []int{1, 1}},
		{[]int{0, 3}, []int{0, 3}, []int{3}},
		{[]int{3, 0}, []int{3, 1}, []int{3, 0}},
		{[]int{5}, []int{5}, nil},
		{[]int{5}, []int{1}, []int{5}},
		{[]int{2, 3, 4}, []int{2, 3, 4}, []int{2, 3, 4}},
		{[]int{2, 3, 4}, []int{2, 3, 4}, []int{3, 1}},
		{[]int{2, 3, 4}, []int{4}, []int{2, 3, 4}},
		{[]int{2, 3, 4}, []int{2, 1, 4}, []int{3, 1}},
		{[]int{3, 4}, []int{3, 1}, []int{1, 4}},
		{[]int{2, 3, 4, 5}, []int{2, 1, 4, 1}, []int{1, 3, 1, 5}},
		{[]int{2, 3, 4, 5}, []int{2, 3, 1, 1}, []int{2, 1, 1, 5}},
		{[]int{2, 3, 2}, []int{2, 1, 1}, []int{3, 1}}, // both are 0 steps within
		{[]int{several}, []int{several}, []int{1}},
		{[]int{several}, []int{several}, []int{several}},
		{[]int{60, 10, 90}, []int{60, 10, 90}, []int{10, 1}},
		{[]int{6000, 10}, []int{10}, []int{6000, 10}},
	} {
		a, b := normal[T](volume(c.a), "a"), normal[T](volume(c.b), "b")
		y, want := make([]T, volume(c.shape)), make([]float64, volume(c.shape))
		for op, f := range map[BinaryOp]func(a, b T) T{
			OpAdd: func(a, b T) T { return a + b },
			OpSub: func(a, b T) T { return a - b },
			OpMul: func(a, b T) T { return a * b },
			OpDiv: func(a, b T) T { return a / b },
		} {
			eachIndex(c.shape, func(e int, index []int) {
				want[e] = float64(f(a[at(index, c.a)], b[at(index, c.b)]))
			})
			Broadcast(op, y, a, b, c.shape, c.a, c.b)
			near(t, fmt.Sprintf("operation %d of %v and %v", op, c.a, c.b), y, want, 0)
		}
	}
}

func TestBroadcast(t *testing.T) {
	testBroadcast[float32](t)
	testBroadcast[float64](t)
}

func TestBroadcastInPlace(t *testing.T) {
	a := []float64{1, 2, 3, 4}
	Broadcast(OpSub, a, a, []float64{1, 2}, []int{2, 2}, []int{2, 2}, []int{2})
	near(t, "a -= b", a, []float64{0, 0, 2, 2}, 0)
	Broadcast(OpSub, a, []float64{1}, a, []int{2, 2}, nil, []int{2, 2})
	near(t, "b = 1-b", a, []float64{1, 1, -1, -1}, 0)
}

func TestChannels(t *testing.T) {
	for _, s := range [][3]int{{1, 1, 1}, {2, 3, 4}, {5, 3, 1}, {1, 3, 5}, {20, 30, 100}, {7000, 9, 1}} {
		n := s[0] * s[1] * s[2]
		x, bias := normal[float32](n, "x"), normal[float32](s[1], "bias")
		want, wantSum := make([]float64, n), make([]float64, s[1])
		for e, v := range x {
			c := e / s[2] % s[1]
			want[e] = float64(v + bias[c])
			wantSum[c] += float64(v)
		}
		y, db := make([]float32, n), make([]float32, s[1])
		AddChannel(y, x, bias, s[0], s[1], s[2])
		near(t, fmt.Sprint("AddChannel ", s), y, want, 0)
		ChannelSum(db, x, s[0], s[1], s[2])
		near(t, fmt.Sprint("ChannelSum ", s), db, wantSum, rounding[float32]())
		wide := normal[float64](n, "x") // rounding to float32 would hide the order
		sameBits(t, fmt.Sprint(s), func() []float64 {
			db := make([]float64, s[1])
			ChannelSum(db, wide, s[0], s[1], s[2])
			return db
		})
	}
}
