package report

import (
	"context"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/train"
)

// page is what the layout shows. What is empty is left out.
type page struct {
	Title    string
	Written  string
	Figures  []pair // the most important numbers
	Curves   []curve
	Epochs   table
	Scores   []pair
	Samples  int
	Matrix   *matrix
	Pairs    table // of confused classes, where a matrix would be too large
	Classes  table
	Worst    *worst
	Filters  *filters
	Layers   table
	Warnings []string
	Settings []pair
	Machine  []pair
}

// A table has a header and rows of as many cells. The first cell of a row heads it.
type table struct {
	Head []string
	Rows [][]string
	Left int // columns of words, which come first; the others are numbers
}

func (r *report) page(ctx context.Context) (*page, error) {
	layers, err := r.m.Layers()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	p := &page{Title: r.title, Written: now.Format("2 January 2006, 15:04"), Warnings: r.m.Warnings(), Settings: r.settings, Machine: environment(r.m)}
	p.Layers = layerTable(r.m, layers)
	if p.Filters, err = filtersOf(r.m); err != nil {
		return nil, err
	}
	p.addHistory(r.history)
	if r.on {
		if err := r.addData(ctx, p); err != nil {
			return nil, errors.WithMessage(err, "On")
		}
	}
	p.addFigures(r)
	return p, nil
}

// addData evaluates the model.
func (r *report) addData(ctx context.Context, p *page) error {
	c := &collector{}
	e, err := train.Evaluate(ctx, r.m, r.data, r.loss, append(r.metrics[:len(r.metrics):len(r.metrics)], c)...)
	if err != nil {
		return err
	}
	p.Samples = e.Samples
	p.Scores = []pair{{"loss", number(e.Loss)}}
	for _, s := range e.Scores[:len(r.metrics)] {
		p.Scores = append(p.Scores, pair{s.Name, number(s.Value)})
	}
	names := classNames(r.data)
	if c.confusion != nil {
		if _, measured := e.Score("accuracy"); !measured {
			p.Scores = append(p.Scores, pair{"accuracy", number(c.confusion.Value())})
		}
		p.addClasses(c.confusion, names)
	}
	p.Worst, err = r.worst(c, names)
	return err
}

// classNames returns how a class is called, by its number where there are no names.
func classNames(data train.Dataset) func(class int) string {
	var names []string
	if l, ok := data.(train.Labelled); ok {
		names = l.Classes()
	}
	return func(class int) string {
		switch {
		case class < 0:
			return "none"
		case class < len(names) && strings.TrimSpace(names[class]) != "":
			return names[class]
		}
		return strconv.Itoa(class)
	}
}

// addFigures picks the numbers that come first.
func (p *page) addFigures(r *report) {
	for i, s := range p.Scores {
		if i < 3 {
			p.Figures = append(p.Figures, s)
		}
	}
	if h := r.history; h != nil && len(h.Epochs) > 0 {
		if len(p.Scores) == 0 {
			p.Figures = append(p.Figures, pair{"loss in training", number(h.Last().Loss)})
			if v := h.Last().Validation; v != nil {
				p.Figures = append(p.Figures, pair{"loss in validation", number(v.Loss)})
			}
		}
		var took time.Duration
		for _, e := range h.Epochs {
			took += e.Duration
		}
		p.Figures = append(p.Figures, pair{"epochs", strconv.Itoa(h.Last().Number)}, pair{"time of training", duration(took)})
	}
	p.Figures = append(p.Figures, pair{"parameters", thousands(parameters(r.m))})
}

func layerTable(m *graph.Model, layers []graph.Layer) table {
	t := table{Head: []string{"layer", "node", "output shape", "parameters"}, Left: 3}
	for _, l := range layers {
		t.Rows = append(t.Rows, []string{l.Path, l.Node, shape(l.Shape), thousands(l.Parameters)})
	}
	t.Rows = append(t.Rows, []string{"all", "", "", thousands(parameters(m))})
	return t
}

// parameters counts those that are trained.
func parameters(m *graph.Model) (n int) {
	for _, w := range m.Weights() {
		if w.Trainable {
			n += w.Value.Shape().TotalSize()
		}
	}
	return n
}

// picture is a PNG inside the page.
type picture struct {
	Data          template.URL
	Width, Height int
}
