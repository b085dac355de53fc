// Package names tells which parameters of a model a pattern is of.
package names

import (
	"path"
	"strings"

	"github.com/pkg/errors"
)

// Match says which of the names a pattern matches: it is one of [path.Match], whose *
// stands here for any characters. A pattern that is malformed, or of none of the names,
// is an error.
func Match(pattern string, names []string) ([]bool, error) {
	if err := Check(pattern); err != nil {
		return nil, err
	}
	matches, some := make([]bool, len(names)), false
	for i, name := range names {
		matches[i] = is(pattern, name)
		some = some || matches[i]
	}
	if !some {
		return nil, errors.Errorf("pattern %q matches no parameter, %s", pattern, wish(pattern, names))
	}
	return matches, nil
}

// Check returns an error if the pattern is malformed.
func Check(pattern string) error {
	if _, err := path.Match(pattern, ""); err != nil {
		return errors.Errorf("pattern %q is malformed, want one such as conv1.* or *.bias; [ and \\ are special, as in path.Match", pattern)
	}
	return nil
}

// whole hides slashes, which path.Match takes for something special. A name has no
// control characters.
var whole = strings.NewReplacer("/", "\x00")

func is(pattern, name string) bool {
	ok, err := path.Match(whole.Replace(pattern), whole.Replace(name))
	return ok && err == nil
}

// wish says which patterns would match.
func wish(pattern string, names []string) string {
	for _, name := range names {
		if is(pattern+".*", name) {
			return "want " + pattern + ".* for all below it"
		}
	}
	const most = 8
	switch n := len(names); {
	case strings.Join(names, "") == "":
		return "for none has a name"
	case n > most:
		return "want one of " + strings.Join(names[:most], ", ") + ", ..."
	}
	return "want one of " + strings.Join(names, ", ")
}
