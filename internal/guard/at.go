package guard

import (
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/pkg/errors"
)

// At says which exported function an error comes out of. Printed with %+v, the
// result is the whole message and, below it, the lines of the user's program
// that led to the mistake, innermost first; those of this module are left out.
func At(function string, err error) error {
	if err == nil {
		return nil
	}
	return &located{function, err}
}

type located struct {
	function string
	err      error
}

func (l *located) Error() string { return l.function + ": " + l.err.Error() }

// Unwrap gives errors.Is and errors.As the cause.
func (l *located) Unwrap() error { return l.err }

// Format implements [fmt.Formatter].
func (l *located) Format(s fmt.State, verb rune) {
	if verb == 'q' {
		fmt.Fprintf(s, "%q", l.Error())
		return
	}
	// What cannot be written is for the caller of Fprintf to notice.
	_, _ = io.WriteString(s, l.Error())
	if verb == 'v' && s.Flag('+') {
		_, _ = io.WriteString(s, lines(birth(l.err)))
	}
}

// birth returns the stack of the place where an error was made: the innermost of
// its chain.
func birth(err error) (stack errors.StackTrace) {
	for ; err != nil; err = errors.Unwrap(err) {
		if e, ok := err.(interface{ StackTrace() errors.StackTrace }); ok {
			stack = e.StackTrace()
		}
	}
	return stack
}

// lines prints the frames of the user's program; all, if there are none.
func lines(stack errors.StackTrace) string {
	var user, all strings.Builder
	for _, frame := range stack {
		pc := uintptr(frame) - 1 // a frame holds the return address
		f := runtime.FuncForPC(pc)
		if f == nil {
			continue
		}
		file, n := f.FileLine(pc)
		line := fmt.Sprintf("\n\t%s:%d %s", file, n, f.Name())
		all.WriteString(line)
		if !foreign(f.Name(), file) {
			user.WriteString(line)
		}
	}
	if user.Len() == 0 {
		return all.String()
	}
	return user.String()
}

// foreign tells frames of this module and what it runs on from those of a user.
func foreign(function, file string) bool {
	if strings.HasSuffix(file, "_test.go") {
		return false
	}
	for _, prefix := range []string{"github.com/thinnet/thinnet/", "runtime.", "gorgonia.org/", "testing."} {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	return false
}
