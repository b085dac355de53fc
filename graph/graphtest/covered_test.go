package graphtest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/thinnet/thinnet/graph/graphtest"
)

func TestCovered(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.go", `package a

import "github.com/thinnet/thinnet/graph"

func Has(x *graph.Node) *graph.Node { return x }
func Lacks(s *graph.Scope) (y, h *graph.Node) { return nil, nil }
func Loses() graph.Loss { return nil }
func Waits() *graph.Node { return nil }
func hidden() *graph.Node { return nil }
func Other() *graph.Scope { return nil }
func (T) Method() *graph.Node { return nil }
func Pair() States { return States{} }
func Pointed() *States { return nil }
func Options() T { return T{} }

type T struct{ inner States }

type States struct{ H, C *graph.Node }
`)
	write(t, dir, "b.go", `package a

import g "github.com/thinnet/thinnet/graph"

func Renamed(x *g.Node) *g.Node { return x }
`)
	write(t, dir, "a_test.go", `package a

import "github.com/thinnet/thinnet/graph"

func InATest() *graph.Node { return nil }
`)
	r := &recorder{}
	graphtest.Covered(r, dir, []graphtest.Case{{Node: "Has"}, {Node: "Has", Name: "again"}, {Node: "Typo"}}, "Waits", "Gone")
	for _, words := range []string{"Lacks has no case", "Loses has no case", "Renamed has no case", "Pair has no case", "Pointed has no case", `a case names "Typo"`, `except names "Gone"`} {
		r.wantFailure(t, words)
	}
	if len(r.failures) != 7 {
		t.Errorf("got failures %q, want 7", r.failures)
	}

	r = &recorder{}
	graphtest.Covered(r, dir, []graphtest.Case{{Node: "Has"}, {Node: "Lacks"}, {Node: "Loses"}, {Node: "Renamed"}, {Node: "Pair"}, {Node: "Pointed"}}, "Waits")
	r.wantNone(t)

	r = &recorder{}
	graphtest.Covered(r, filepath.Join(dir, "nowhere"), nil)
	r.wantFailure(t, "no function in", "nowhere")
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
