package graph

import (
	"strings"
	"testing"

	"github.com/thinnet/thinnet/internal/philox"
)

func TestStreamIsNamedBySeedAndPath(t *testing.T) {
	var got [2]uint32
	build(t, func(s *Scope, x *Node) *Node {
		s.In("block1").Stream()
		got = s.In("block1").In("drop").Stream()
		return x
	}, Shape{1}, Seed(7))
	if want := philox.KeyOf(7, "block1.drop"); got != want {
		t.Errorf("got key %x, want %x", got, want)
	}
}

func TestStreamBelongsToOneNode(t *testing.T) {
	_, err := Build(func(s *Scope, x *Node) *Node {
		s.In("drop").Stream()
		s.In("drop").Layer("Dropout").Stream()
		return x
	}, Shape{1})
	if want := `drop: Dropout: a second random node at path "drop"`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q in it", err, want)
	}
}
