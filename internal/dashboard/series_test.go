package dashboard

import (
	"encoding/json"
	"math"
	"testing"
)

// However long a run is, a series is bounded, in order, and ends where the run is.
func TestSeriesIsThinned(t *testing.T) {
	s := newSeries(2)
	const n = 50000
	for i := 1; i <= n; i++ {
		s.add(float64(i), float64(i))
	}
	s.flush()
	if rows := len(s.rows) / 2; rows < maxRows/2 || rows > maxRows {
		t.Errorf("%d rows, want %d to %d", rows, maxRows/2, maxRows)
	}
	for i := 0; i < len(s.rows); i += 2 {
		// A row ends at a position, and its mean is half a stride before.
		if at, mean := s.rows[i], s.rows[i+1]; i+2 < len(s.rows) && at-mean != float64(s.stride-1)/2 || i > 0 && at <= s.rows[i-2] {
			t.Fatalf("row %d: at %v the mean is %v, with a stride of %d", i/2, at, mean, s.stride)
		}
	}
	if last := s.rows[len(s.rows)-2]; last != n {
		t.Errorf("it ends at %v, want %d", last, n)
	}
}

func TestSeriesAllocatesNothing(t *testing.T) {
	s, i := newSeries(3), 0.0
	if n := testing.AllocsPerRun(10000, func() { i++; s.add(i, i, i) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// A viewer that asks in between has in the end what one has that comes late.
func TestSeriesSince(t *testing.T) {
	s := newSeries(2)
	var early, late place
	var have []float64
	for i := range 3 * maxRows {
		s.add(float64(i), 1)
		if i%701 != 0 && i != 3*maxRows-1 {
			continue
		}
		r := s.since(&early)
		if r == nil {
			continue
		}
		if r.Anew {
			have = nil
		}
		have = append(have, r.Rows.cells...)
	}
	all := s.since(&late)
	if !all.Anew && late.halved > 0 || len(all.Rows.cells) != len(have) {
		t.Fatalf("the early viewer has %d numbers, the late one %d", len(have), len(all.Rows.cells))
	}
	for i, v := range all.Rows.cells {
		if have[i] != v {
			t.Fatalf("number %d: the early viewer has %v, the late one %v", i, have[i], v)
		}
	}
	if s.since(&late) != nil {
		t.Error("there is something new where nothing came")
	}
}

func TestSeriesLeavesOutWhatIsNoNumber(t *testing.T) {
	s := newSeries(2)
	s.stride = 2
	for i, v := range []float64{1, math.NaN(), math.Inf(1), math.NaN(), 3, 5} {
		s.add(float64(i+1), v)
	}
	b, err := json.Marshal(s.since(&place{}))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"rows":[[2,1],[4,null],[6,4]]}`; string(b) != want {
		t.Errorf("got %s, want %s", b, want)
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{
		0.1: "0.1", 1e-8: "1e-08", math.Inf(-1): "null", 1e300: "null", 12345678: "1.2345678e+07",
	} {
		if b, err := json.Marshal(number(v)); err != nil || string(b) != want {
			t.Errorf("%v: got %s, %v, want %s", v, b, err, want)
		}
	}
	if b, err := json.Marshal(table{columns: 3, cells: []float64{1e15, 0.5, math.NaN(), 3, 4, 5}}); err != nil || string(b) != "[[1000000000000000,0.5,null],[3,4,5]]" {
		t.Errorf("got %s, %v", b, err)
	}
}
