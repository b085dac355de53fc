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
	for _, e := range h.Epochs {
		p.Epochs.Rows = append(p.Epochs.Rows, []string{strconv.Itoa(e.Number)})
	}
	for _, name := range names {
		training, valid := valuesOf(h, name, false), valuesOf(h, name, true)
		p.addColumn(name, training)
		if slices.Contains(valid.there, true) {
			p.addColumn(name+", validation", valid)
		} else {
			valid.of = nil
		}
		p.Curves = append(p.Curves, draw(name, x, training.of, valid.of))
	}
	if rates {
		var lr values
		for _, e := range h.Epochs {
			lr.of, lr.there = append(lr.of, e.LearningRate), append(lr.there, true)
		}
		p.addColumn("learning rate", lr)
		p.Curves = append(p.Curves, draw("learning rate", x, lr.of, nil))
	}
	p.Epochs.Head = append(p.Epochs.Head, "time")
	for i, e := range h.Epochs {
		p.Epochs.Rows[i] = append(p.Epochs.Rows[i], duration(e.Duration))
	}
}

func (p *page) addColumn(title string, v values) {
	p.Epochs.Head = append(p.Epochs.Head, title)
	for i := range p.Epochs.Rows {
		cell := "–"
		if v.there[i] {
			cell = number(v.of[i])
		}
		p.Epochs.Rows[i] = append(p.Epochs.Rows[i], cell)
	}
}

// values are those of a measure in each epoch, NaN in one that does not have it.
type values struct {
	of    []float64
	there []bool
}

func valuesOf(h *train.History, name string, valid bool) (v values) {
	for _, epoch := range h.Epochs {
		e := &epoch.Evaluation
		if valid {
			e = epoch.Validation
		}
		of, there := math.NaN(), e != nil
		switch {
		case e == nil:
		case name == "loss":
			of = e.Loss
		default:
			if of, there = e.Score(name); !there {
				of = math.NaN()
			}
		}
		v.of, v.there = append(v.of, of), append(v.there, there)
	}
	return v
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
