package search

import (
	"cmp"
	"math"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/plots"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Plot writes a PNG with a panel for the values by trial, with the best so far, and one for
// each parameter. With [Hyperband] only the outcomes after most epochs of each trial are
// shown, and those after fewer than the most of all are hollow. What failed is left out. A
// path that does not end in .png is an error, and so is a result without a trial that did not
// fail.
func (r *Result) Plot(path string) error {
	if err := plots.CheckPNG(path); err != nil {
		return errors.WithMessage(err, "search.Result.Plot")
	}
	last := r.last()
	if len(last) == 0 {
		return errors.New("search.Result.Plot: no trial to plot")
	}
	const perRow = 3
	panels := []*plot.Plot{r.history(last)}
	for _, p := range r.Space {
		panels = append(panels, p.panel(last))
	}
	cols := min(perRow, len(panels))
	var rows [][]*plot.Plot
	for some := range slices.Chunk(panels, cols) {
		row := make([]*plot.Plot, cols) // the last ones may stay nil
		copy(row, some)
		rows = append(rows, row)
	}
	return errors.WithMessagef(plots.WritePNG(path, rows, nil), "search.Result.Plot: %s", path)
}

// last are the last outcomes of trials that did not fail.
func (r *Result) last() (out []Outcome) {
	for _, o := range r.Outcomes {
		if n := len(out); n > 0 && out[n-1].Trial == o.Trial {
			out = out[:n-1]
		}
		if o.Err == "" {
			out = append(out, o)
		}
	}
	return out
}

// history plots values by trial. Those after fewer epochs are no rivals of the best so far.
func (r *Result) history(last []Outcome) *plot.Plot {
	p := panel("value by trial", "trial")
	p.X.Tick.Marker = plot.TickerFunc(plots.WholeTicks)
	most := slices.MaxFunc(last, func(a, b Outcome) int { return cmp.Compare(a.Epochs, b.Epochs) }).Epochs
	scatter(p, last, most, func(o Outcome) float64 { return float64(o.Trial) })
	var line plotter.XYs
	best := Outcome{}
	for _, o := range last {
		if o.Epochs == most && (len(line) == 0 || r.better(o, best)) {
			best = o
		}
		if best.Epochs == most {
			line = append(line, plotter.XY{X: float64(o.Trial), Y: best.Value})
		}
	}
	if l, err := plotter.NewLine(line); err == nil {
		l.StepStyle = plotter.PostStep
		l.Color, l.Width = plots.Valid, vg.Points(1.5)
		p.Add(l)
		p.Legend.Add("best so far", l)
		p.Legend.Top = true
	}
	return p
}

// panel plots values by a parameter.
func (param Param) panel(last []Outcome) *plot.Plot {
	p := panel(param.name, param.name)
	x := func(o Outcome) float64 {
		switch v := o.Values[param.name].(type) {
		case int:
			return float64(v)
		case float64:
			return v
		}
		return float64(slices.Index(param.choices, o.Values[param.name].(string)))
	}
	p.X.Min, p.X.Max = param.lo, param.hi
	switch param.kind {
	case choice:
		p.X.Min, p.X.Max = -0.5, float64(len(param.choices))-0.5
		p.X.Tick.Marker = plot.TickerFunc(func(_, _ float64) (ticks []plot.Tick) {
			for i, c := range param.choices {
				ticks = append(ticks, plot.Tick{Value: float64(i), Label: c})
			}
			return ticks
		})
	case logFloat, logInt:
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.TickerFunc(plots.PowerTicks)
	case integer:
		p.X.Tick.Marker = plot.TickerFunc(plots.WholeTicks)
	default:
		p.X.Tick.Marker = plot.TickerFunc(plots.RoundTicks)
	}
	most := slices.MaxFunc(last, func(a, b Outcome) int { return cmp.Compare(a.Epochs, b.Epochs) }).Epochs
	scatter(p, last, most, x)
	return p
}

func panel(title, x string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text = title, x
	p.Y.Tick.Marker = plot.TickerFunc(plots.RoundTicks)
	p.Add(plotter.NewGrid())
	return p
}

// scatter adds a dot for each outcome.
func scatter(p *plot.Plot, last []Outcome, most int, x func(Outcome) float64) {
	for _, whole := range []bool{false, true} {
		var points plotter.XYs
		for _, o := range last {
			if (o.Epochs == most) == whole {
				points = append(points, plotter.XY{X: x(o), Y: o.Value})
			}
		}
		s, err := plotter.NewScatter(points)
		if err != nil || len(points) == 0 {
			continue
		}
		s.Color, s.Radius, s.Shape = plots.Train, vg.Points(2.5), draw.RingGlyph{}
		if whole {
			s.Shape = draw.CircleGlyph{}
		}
		p.Add(s)
	}
	if p.Y.Min == p.Y.Max {
		p.Y.Min, p.Y.Max = p.Y.Min-math.Max(1e-3, math.Abs(p.Y.Min)/10), p.Y.Max+math.Max(1e-3, math.Abs(p.Y.Max)/10)
	}
}
