package graph

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// twice is 2·x.
type twice struct{}

func (twice) String() string                        { return "Twice" }
func (twice) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }
func (twice) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	for i, v := range in[0].Float32s() {
		y.Float32s()[i] = 2 * v
	}
	return nil
}

// rowSum is the sum of each row, times f. It takes over a twice before it.
type rowSum struct{ f float32 }

func (op rowSum) String() string                     { return fmt.Sprintf("RowSum{%v}", op.f) }
func (rowSum) InferShape(in ...Shape) (Shape, error) { return Shape{in[0][0], 1}, nil }
func (op rowSum) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	n := in[0].Shape()[1]
	for i := range y.Float32s() {
		sum := float32(0)
		for _, v := range in[0].Float32s()[i*n:][:n] {
			sum += v
		}
		y.Float32s()[i] = op.f * sum
	}
	return nil
}
func (op rowSum) Absorb(_ int, by Op) (Op, bool) {
	_, ok := by.(twice)
	return rowSum{2 * op.f}, ok
}

// A value that was taken over takes no memory, even where it is larger than all
// that is there.
func TestAbsorbedValuesTakeNoMemory(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node { return s.Apply(rowSum{1}, s.Apply(twice{}, x)) }, Shape{1, 1000})
	x := newDense(tensor.Float32, Shape{1, 1000})
	for i := range x.Float32s() {
		x.Float32s()[i] = 1
	}
	if got := predictFlat(t, m, x); got[0] != 2000 {
		t.Errorf("got %v, want 2000", got)
	}
	if got, want := ops(t, m), []string{"RowSum"}; !slices.Equal(got, want) {
		t.Errorf("the program runs %v, want %v", got, want)
	}
}

// rude panics, or answers nonsense, where a program asks how it could be computed.
type rude struct {
	twice
	in string
}

func (op rude) String() string { return "Rude{" + op.in + "}" }
func (op rude) Absorb(int, Op) (Op, bool) {
	if op.in == "Absorb" {
		panic("oh")
	}
	return nil, op.in == "nil"
}
func (op rude) ChannelsLast(...Shape) LastLayout {
	switch op.in {
	case "ChannelsLast":
		panic("oh")
	case "In":
		return LastLayout{Op: op, Follow: true}
	}
	return LastLayout{}
}
func (op rude) Split(bool, ...Shape) []Part {
	switch op.in {
	case "Split":
		panic("oh")
	case "step":
		return []Part{{}}
	}
	return nil
}
func (op rude) FLOPs(...Shape) int64 {
	if op.in == "FLOPs" {
		panic("oh")
	}
	return 0
}

// What a user's op does when it is asked how it can be computed is an error that
// names its node, not a panic.
func TestRudeOps(t *testing.T) {
	for in, want := range map[string]string{
		"Absorb":       "bad: Rude: Absorb panicked: oh",
		"nil":          "",
		"ChannelsLast": "bad: Rude: ChannelsLast panicked: oh",
		"In":           "bad: Rude: ChannelsLast says how to take 0 inputs, want 1",
		"Split":        "bad: Rude: Split panicked: oh",
		"step":         "bad: Rude: step 0 of Rude{step} has no op",
		"FLOPs":        "bad: Rude: FLOPs panicked: oh",
	} {
		m, err := Build(func(s *Scope, x *Node) *Node {
			return s.In("bad").Apply(rude{in: in}, s.Apply(twice{}, x))
		}, Shape{1, 3, 4})
		if err == nil {
			_, err = m.Profile(newDense(tensor.Float32, Shape{1, 3, 4}))
		}
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want %q", in, err, want)
		}
	}
}

// weighty is a twice that costs much.
type weighty struct{ twice }

func (weighty) String() string          { return "Weighty" }
func (weighty) FLOPs(in ...Shape) int64 { return int64(in[0].TotalSize()) }

// eager takes over whatever it can.
type eager struct{ twice }

func (eager) String() string { return "Eager" }
func (eager) Absorb(_ int, by Op) (Op, bool) {
	switch by.(type) {
	case twice, weighty:
		return four{}, true
	}
	return nil, false
}

type four struct{ twice }

func (four) String() string { return "Four" }
func (four) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	for i, v := range in[0].Float32s() {
		y.Float32s()[i] = 4 * v
	}
	return nil
}

// Several ops take over one value, and compute it each, unless that costs much.
func TestCostlyValuesAreNotTakenOverByMany(t *testing.T) {
	for _, c := range []struct {
		op   Op
		want []string
	}{
		{twice{}, []string{"Four", "Four", "Times"}},
		{weighty{}, []string{"Weighty", "Eager", "Eager", "Times"}},
	} {
		m := build(t, func(s *Scope, x *Node) *Node {
			y := s.Apply(c.op, x)
			return s.Apply(times{}, s.In("a").Apply(eager{}, y), s.In("b").Apply(tagged{}, y))
		}, Shape{1, 3})
		if got := ops(t, m); !slices.Equal(got, c.want) {
			t.Errorf("%v: the program runs %v, want %v", c.op, got, c.want)
		}
	}
}

// tagged is another eager, which is not merged with the first.
type tagged struct{ eager }

// A model that sets weights itself, by Gorgonia's statement, has its values read
// where it says.
func TestAbsorbAndHoistLeaveStatementsAlone(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		var made counter
		w := s.Param("weight", Shape{1, 3}, Constant(3))
		y := s.Apply(gain{&made}, x, w)
		gorgonia.Set(w.Gorgonia(), y.Gorgonia())
		return y
	}, Shape{1, 3})
	for k, want := range []float64{6, 12, 24} { // w·x, which w is then
		if got := predictFlat(t, m, vec(2, 2, 2)); got[0] != want {
			t.Errorf("prediction %d is %v, want %v", k, got, want)
		}
	}
}
