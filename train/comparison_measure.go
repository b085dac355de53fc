package train

import "strings"

// A measure is something to compare by, of which less is better.
type measure struct {
	name  string // of the loss or a metric
	label string
	share bool // of right answers, which becomes one of wrong ones in percent
}

func measureOf(name string) measure {
	if name == "accuracy" || strings.HasPrefix(name, "top") {
		return measure{name, "error % (" + name + ")", true}
	}
	return measure{name, name, false}
}

// of returns what was measured, and whether anything was.
func (m measure) of(e *Evaluation) (float64, bool) {
	v, ok := e.measure(m.name)
	if m.share {
		v = 100 * (1 - v)
	}
	return v, ok
}

// best returns the lowest validation and the number of its epoch, the first of
// several.
func (m measure) best(h *History) (lowest float64, epoch int) {
	for _, e := range h.Epochs {
		if v, ok := m.of(e.Validation); ok && (epoch == 0 || v < lowest) {
			lowest, epoch = v, e.Number
		}
	}
	return lowest, epoch
}
