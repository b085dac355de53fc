package guard

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

func TestAt(t *testing.T) {
	if At("f", nil) != nil {
		t.Error("no error became one")
	}
	cause := errors.New("wrong")
	err := At("graph.Build", errors.WithMessage(cause, "fc1: Linear"))
	const message = "graph.Build: fc1: Linear: wrong"
	if err.Error() != message || fmt.Sprintf("%v", err) != message || fmt.Sprintf("%s", err) != message {
		t.Errorf("got %q, want %q", err, message)
	}
	if fmt.Sprintf("%q", err) != `"`+message+`"` {
		t.Errorf("%%q: got %q", err)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	long := strings.Split(fmt.Sprintf("%+v", err), "\n")
	if long[0] != message || len(long) != 2 || !strings.Contains(long[1], "at_test.go:") || !strings.Contains(long[1], "TestAt") {
		t.Errorf("%%+v: got %q, want the message and the line of this test", long)
	}
}
