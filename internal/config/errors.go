package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Error is a mistake in a file.
type Error struct {
	At      Place
	Message string
}

// Error is file:line:column: message.
func (e *Error) Error() string { return e.At.String() + ": " + e.Message }

// Errorf returns an error at a place.
func Errorf(at Place, format string, args ...any) *Error {
	return &Error{at, fmt.Sprintf(format, args...)}
}

// mistakes are errors of one file.
type mistakes []*Error

// most is how many of them are printed.
const most = 20

// Error lists them, a line each, in the order of the file.
func (m mistakes) Error() string {
	slices.SortStableFunc(m, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
	var lines []string
	for i, e := range m {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %d more", len(m)-most))
			break
		}
		lines = append(lines, e.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find the first.
func (m mistakes) Unwrap() []error {
	out := make([]error, len(m))
	for i, e := range m {
		out[i] = e
	}
	return out
}

// orNil is m as an error.
func (m mistakes) orNil() error {
	if len(m) == 0 {
		return nil
	}
	return m
}
