package graphtest_test

import (
	"fmt"
	"strings"
	"testing"
)

// recorder is a test that keeps its failures.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// wantFailure fails t unless one of the failures has all the words.
func (r *recorder) wantFailure(t *testing.T, words ...string) {
	t.Helper()
	for _, f := range r.failures {
		has := true
		for _, w := range words {
			has = has && strings.Contains(f, w)
		}
		if has {
			return
		}
	}
	t.Errorf("got failures %q, want one with %q", r.failures, words)
}

func (r *recorder) wantNone(t *testing.T) {
	t.Helper()
	if len(r.failures) > 0 {
		t.Errorf("got failures %q, want none", r.failures)
	}
}
