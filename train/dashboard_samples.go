package train

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/dashboard"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/pictures"
	"gorgonia.org/tensor"
)

// shownSamples are the images that a [LivePage] shows, none if the model does not classify
// images.
type shownSamples struct {
	source   string
	x        *tensor.Dense
	truth    []int
	classes  []string // their names, nil if they are not known
	pictures [][]byte
	next     time.Time // when to predict again
}

const (
	mostShown = 12
	// smallest is the side of what is taken for an image.
	smallest = 4
	// costs is what part of the time predictions may take, and seldom how much at least
	// lies between two.
	costs  = 0.01
	seldom = time.Second
)

// choose takes samples from all over the validation data.
func (s *shownSamples) choose(t *Training) error {
	*s = shownSamples{source: "validation"}
	in, out := t.Model().Shape(), t.Model().OutputShape()
	if in.Dims() != 4 || in[1] != 1 && in[1] != 3 || min(in[2], in[3]) < smallest || out.Dims() != 2 || out[1] < 2 {
		return nil
	}
	ds := t.Validation()
	if ds == nil {
		s.source, ds = "training", t.Data()
	}
	n, err := lenOf(ds)
	if err != nil {
		return err
	}
	indices := make([]int, min(n, mostShown))
	for i := range indices {
		indices[i] = i * n / len(indices)
	}
	var x, target *tensor.Dense
	err = guard.Call("the data set", func() (err error) {
		x, target, err = ds.Batch(indices)
		return err
	})
	if err != nil {
		return errors.WithMessagef(err, "%s samples %v", s.source, indices)
	}
	truth, err := appendClasses(nil, target, len(indices))
	if err != nil || x == nil || x.Dims() != 4 || slices.Max(truth) >= out[1] {
		return nil // it does something else than to classify
	}
	for i := range indices {
		img := pictures.Sample(x, i)
		if img == nil {
			return nil
		}
		picture, err := dashboard.PNG(img)
		if err != nil {
			return err
		}
		s.pictures = append(s.pictures, picture)
	}
	s.x, s.truth, s.classes = x, truth, classesOf(ds)
	return nil
}

// name returns what a class is called.
func (s *shownSamples) name(class int) string {
	if class < len(s.classes) {
		return s.classes[class]
	}
	return strconv.Itoa(class)
}

// describe tells what is shown.
func (s *shownSamples) describe(info *dashboard.Info) {
	info.Pictures, info.Source = s.pictures, s.source
	for _, class := range s.truth {
		info.Truth = append(info.Truth, s.name(class))
	}
}

// due says whether it is time for another prediction.
func (s *shownSamples) due(now time.Time) bool { return s.x != nil && now.After(s.next) }

// predict returns what the model makes of the samples, nil if there are none. After an
// error it has none.
func (s *shownSamples) predict(t *Training) ([]dashboard.Prediction, error) {
	if s.x == nil {
		return nil, nil
	}
	began := time.Now()
	y, err := t.Model().Predict(s.x)
	if err == nil && (y.Dims() != 2 || y.Shape()[0] != len(s.truth)) {
		err = errors.Errorf("the output has shape %v for %d samples", y.Shape(), len(s.truth))
	}
	if err != nil {
		s.x = nil
		return nil, err
	}
	all, classes := float64s(y), y.Shape()[1]
	out := make([]dashboard.Prediction, len(s.truth))
	for i, truth := range s.truth {
		p := asProbabilities(all[i*classes:][:classes])
		best := 0
		for c, v := range p {
			if v > p[best] {
				best = c
			}
		}
		out[i] = dashboard.Predicted(s.name(best), best == truth, p[best], p[truth])
	}
	end := time.Now()
	s.next = end.Add(max(seldom, time.Duration(float64(end.Sub(began))/costs)))
	return out, nil
}

// asProbabilities turns what a classifier returns to probabilities, in place: logits, the
// logarithms of probabilities, or probabilities, which are left as they are.
func asProbabilities(y []float64) []float64 {
	sum := 0.0
	for _, v := range y {
		sum += v
	}
	const rounding = 1e-3 // of a sum of float32
	if slices.Min(y) < 0 || !(math.Abs(sum-1) < rounding) {
		softmaxOver(y, len(y))
	}
	return y
}
