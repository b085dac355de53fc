package guard

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

func TestCall(t *testing.T) {
	own := errors.New("own")
	if err := Call("f", func() error { return own }); err != own {
		t.Errorf("got %v, want the error of f", err)
	}
	err := Call("f", func() error { panic("oh") })
	if err == nil || err.Error() != "f panicked: oh" {
		t.Errorf("got %v, want %q", err, "f panicked: oh")
	}
	if !strings.Contains(fmt.Sprintf("%+v", err), "guard_test.go") {
		t.Errorf("the stack does not show the place of the panic: %+v", err)
	}
}

func TestApply(t *testing.T) {
	n := 0
	Apply(&n, []func(*int){func(n *int) { *n++ }, nil, func(n *int) { *n *= 10 }})
	if n != 10 {
		t.Errorf("got %d, want 10", n)
	}
}
