package report

import (
	"math"
	"slices"
	"strconv"

	"github.com/thinnet/thinnet/train"
)

// A curve is a chart of one measure over the epochs.
type curve struct {
	Name   string
	Log    bool
	Says   string // in words
	X, Y   []tick
	Series []series
	Frame  frame
}

// A tick is a place on an axis, in units of the drawing, with its label.
type tick struct {
	At    float64
	Label string
}

type series struct {
	Name, Class string
	Paths       []string // between gaps
	Dots        []dot
}

type dot struct {
	X, Y float64
	Says string
}

// frame is the area within the axes of a chart.
type frame struct{ Left, Top, Right, Bottom, Width, Height float64 }

var charted = frame{Left: 46, Top: 10, Right: 350, Bottom: 186, Width: 360, Height: 214}

// addHistory draws what each epoch has, and lists it.
func (p *page) addHistory(h *train.History) {
	if h == nil || len(h.Epochs) == 0 {
		return
	}
	names := []string{"loss"}
	rates := false
	for _, e := range h.Epochs {
		rates = rates || e.LearningRate != 0
		for _, s := range e.Scores {
			if !slices.Contains(names, s.Name) {
				names = append(names, s.Name)
			}
		}
	}
	var x []float64
	for _, e := range h.Epochs {
		x = append(x, float64(e.Number))
	}
	p.Epochs = table{Head: []string{"epoch"}}
	columns := [][]float64{}
	add := func(title string, values []float64) []float64 {
		p.Epochs.Head = append(p.Epochs.Head, title)
		columns = append(columns, values)
		return values
	}
	for _, name := range names {
		train := add(name, values(h, name, false))
		valid := values(h, name, true)
		if slices.ContainsFunc(valid, func(v float64) bool { return v == v }) {
			add(name+", validation", valid)
		} else {
			valid = nil
		}
		p.Curves = append(p.Curves, draw(name, x, train, valid))
	}
	if rates {
		var lr []float64
		for _, e := range h.Epochs {
			lr = append(lr, e.LearningRate)
		}
		p.Curves = append(p.Curves, draw("learning rate", x, add("learning rate", lr), nil))
	}
	for i, e := range h.Epochs {
		row := []string{strconv.Itoa(e.Number)}
		for _, c := range columns {
			cell := number(c[i])
			if math.IsNaN(c[i]) {
				cell = "–"
			}
			row = append(row, cell)
		}
		p.Epochs.Rows = append(p.Epochs.Rows, append(row, duration(e.Duration)))
	}
	p.Epochs.Head = append(p.Epochs.Head, "time")
}

// values are those of each epoch, NaN where there is none.
func values(h *train.History, name string, valid bool) []float64 {
	out := make([]float64, len(h.Epochs))
	for i, epoch := range h.Epochs {
		e := &epoch.Evaluation
		if valid {
			e = epoch.Validation
		}
		out[i] = math.NaN()
		switch {
		case e == nil:
		case name == "loss":
			out[i] = e.Loss
		default:
			if v, ok := e.Score(name); ok {
				out[i] = v
			}
		}
	}
	return out
}

// draw makes a chart of one or two series.
func draw(name string, x, train, valid []float64) curve {
	c := curve{Name: name, Frame: charted}
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range append(slices.Clone(train), valid...) {
		if v-v == 0 {
			low, high = min(low, v), max(high, v)
		}
	}
	if low > high { // nothing is finite
		low, high = 0, 1
	}
	var at []float64
	if c.Log = name == "loss" && low > 0 && high/low > 50; c.Log {
		at = logTicks(low, high)
	} else {
		var step float64
		low, high, step = rounded(low, high)
		at = ticks(low, high, step)
	}
	up := c.upward(low, high)
	for _, v := range at {
		c.Y = append(c.Y, tick{up(v), label(v)})
	}
	for _, n := range wholeTicks(x[0], x[len(x)-1]) {
		c.X = append(c.X, tick{c.across(n, x), strconv.Itoa(int(n))})
	}
	c.Says = name + ": "
	class := "training"
	if valid == nil {
		c.Says += words(train)
	} else {
		c.Says += "in training " + words(train) + "; in validation " + words(valid)
	}
	c.Series = append(c.Series, c.series("training", class, x, train, up))
	if valid != nil {
		c.Series = append(c.Series, c.series("validation", "validation", x, valid, up))
	}
	return c
}

// words say from where to where a series goes.
func words(v []float64) string {
	return "from " + number(v[0]) + " to " + number(v[len(v)-1])
}

func (c *curve) across(n float64, x []float64) float64 {
	from, to := x[0], x[len(x)-1]
	if from == to {
		return (c.Frame.Left + c.Frame.Right) / 2
	}
	return c.Frame.Left + (n-from)/(to-from)*(c.Frame.Right-c.Frame.Left)
}

// upward returns where a value is drawn.
func (c *curve) upward(low, high float64) func(v float64) float64 {
	scale := func(v float64) float64 { return v / 2 } // the largest numbers, too, have a difference
	if c.Log {
		scale = math.Log10
	}
	low, high = scale(low), scale(high)
	return func(v float64) float64 {
		if low == high {
			return (c.Frame.Top + c.Frame.Bottom) / 2
		}
		return c.Frame.Bottom - (scale(v)-low)/(high-low)*(c.Frame.Bottom-c.Frame.Top)
	}
}

// series draws a line, with a dot for each epoch unless there are many.
func (c *curve) series(name, class string, x, v []float64, up func(float64) float64) series {
	s := series{Name: name, Class: class}
	const many = 60
	var path []byte
	length := 0
	end := func() {
		if length > 1 {
			s.Paths = append(s.Paths, string(path))
		}
		path, length = nil, 0
	}
	for i, y := range v {
		if y-y != 0 {
			end()
			continue
		}
		d := dot{c.across(x[i], x), up(y), "epoch " + strconv.Itoa(int(x[i])) + ", " + name + ": " + number(y)}
		command := byte('L')
		if length == 0 {
			command = 'M'
		}
		path = append(path, command)
		path = strconv.AppendFloat(path, d.X, 'f', 1, 64)
		path = append(path, ' ')
		path = strconv.AppendFloat(path, d.Y, 'f', 1, 64)
		length++
		if len(v) <= many {
			s.Dots = append(s.Dots, d)
		}
	}
	end()
	return s
}
