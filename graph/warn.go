package graph

import (
	"fmt"
	"slices"
	"strings"
)

// Warn says that what is declared at this scope works and is rarely meant, and what
// would be better. after is the node before it that makes it so, nil if there is none.
// [Model.Summary] prints a text once, with all the places that it is for:
//
//	warning: block1.bn after block1.drop, block2.bn after block2.drop: the text
//
// What cannot work is an error instead; see [Scope.Errorf].
func (s *Scope) Warn(text string, after *Node) {
	place := s.path
	if after != nil {
		place = strings.TrimSpace(place + " after " + after.path)
	}
	i := slices.IndexFunc(s.b.warnings, func(w warning) bool { return w.text == text })
	switch {
	case i < 0:
		s.b.warnings = append(s.b.warnings, warning{text, []string{place}})
	case !slices.Contains(s.b.warnings[i].places, place):
		s.b.warnings[i].places = append(s.b.warnings[i].places, place)
	}
}

// WarnIfLast is [Scope.Warn] if y is what the model returns.
func (s *Scope) WarnIfLast(text string, y *Node) {
	s.b.ifLast = append(s.b.ifLast, lastWarning{s, text, y})
}

type lastWarning struct {
	at   *Scope
	text string
	y    *Node
}

// warnOfLast gives the warnings of y, the output.
func (b *builder) warnOfLast(y *Node) {
	for _, w := range b.ifLast {
		if w.y == y {
			w.at.Warn(w.text, nil)
		}
	}
}

type warning struct {
	text   string
	places []string
}

// mostPlaces is how many places of a warning are printed.
const mostPlaces = 4

// Warnings returns what [Scope.Warn] said of the model, a line for each text, as
// [Model.Summary] prints them; nil for a model that is not built.
func (m *Model) Warnings() []string {
	if m.built() != nil {
		return nil
	}
	b, _, err := m.asTrained()
	if err != nil {
		return nil
	}
	return b.warningLines()
}

func (b *builder) warningLines() (lines []string) {
	for _, warn := range b.warnings {
		places := strings.Join(warn.places[:min(mostPlaces, len(warn.places))], ", ")
		if more := len(warn.places) - mostPlaces; more > 0 {
			places += fmt.Sprintf(" and %d more", more)
		}
		lines = append(lines, fmt.Sprintf("warning: %s: %s", places, warn.text))
	}
	return lines
}
