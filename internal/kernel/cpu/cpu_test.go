package cpu

import "testing"

func TestStart(t *testing.T) {
	for want, level := range map[string]Level{"": best, "go": Go, "avx2": min(AVX2, best), "avx512": best} {
		if got := start(want); got != level {
			t.Errorf("%q: got %v, want %v", want, got, level)
		}
	}
}

// A misspelt level is not taken for the best one.
func TestStartKnowsNoOtherNames(t *testing.T) {
	for _, want := range []string{"avx", "AVX2", " go"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q: no panic", want)
				}
			}()
			start(want)
		}()
	}
}

func TestSet(t *testing.T) {
	before := Get()
	if got := Set(Go); got != before || Get() != Go {
		t.Errorf("set from %v: got %v, then %v", before, got, Get())
	}
	if Set(before); Get() != before {
		t.Errorf("got %v, want %v", Get(), before)
	}
}
