package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// script is an op whose output depends on the number of the draw.
type script struct{ outputs [][]float64 }

func (script) String() string { return "Script" }

func (op script) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return graph.Shape{in[0][0], len(op.outputs[0])}, nil
}

func (op script) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	row := op.outputs[in[1].Ints()[0]%len(op.outputs)]
	for i := range y.Float64s() {
		y.Float64s()[i] = row[i%len(row)]
	}
	return nil
}

// scripted is a model of two inputs whose draws give these outputs.
func scripted(t *testing.T, outputs ...[]float64) *graph.Model {
	t.Helper()
	return built(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return s.Apply(script{outputs}, x, s.Step())
	}, 4, graph.Float64())
}

func built(t *testing.T, f graph.Func, batch int, opts ...graph.Option) *graph.Model {
	t.Helper()
	m, err := graph.Build(f, graph.Shape{batch, 2}, append([]graph.Option{graph.Seed(5)}, opts...)...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return m
}

func monteCarloOf(t *testing.T, m *graph.Model, ds Dataset, draws int, opts ...MonteCarloOption) *Uncertainty {
	t.Helper()
	u, err := PredictMonteCarlo(context.Background(), m, ds, draws, opts...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return u
}

func membersOf(t *testing.T, m *graph.Model, ds Dataset, n int, opts ...MonteCarloOption) *tensor.Dense {
	t.Helper()
	y, err := PredictEnsemble(context.Background(), m, ds, n, opts...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return y
}

func wantNear(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %v, want %v within %v", what, got, want, tolerance)
	}
}

// Worked by hand.
func TestUncertaintyAgainstHand(t *testing.T) {
	ds := twoClasses(t, 6)
	u := monteCarloOf(t, scripted(t, []float64{1}, []float64{2}, []float64{3}), ds, 3)
	if u.Entropy != nil || u.MutualInformation != nil {
		t.Error("there are entropies of what are no probabilities")
	}
	noisy := monteCarloOf(t, scripted(t, []float64{1}, []float64{2}, []float64{3}), ds, 3, Precision(4))
	classes := monteCarloOf(t, scripted(t, []float64{math.Log(.9), math.Log(.1)}, []float64{7, 7}), ds, 2, Softmax())
	for i := range 6 {
		wantNear(t, "mean", u.Mean.Float64s()[i], 2, 0)
		wantNear(t, "variance", u.Variance.Float64s()[i], 2./3, 1e-15)
		wantNear(t, "variance with the precision", noisy.Variance.Float64s()[i], 2./3+.25, 1e-15)
		wantNear(t, "mean probability", classes.Mean.Float64s()[2*i], .7, 1e-15)
		wantNear(t, "mean probability", classes.Mean.Float64s()[2*i+1], .3, 1e-15)
		wantNear(t, "variance of a probability", classes.Variance.Float64s()[2*i], .04, 1e-15)
		wantNear(t, "entropy", classes.Entropy.Float64s()[i], 0.610864, 5e-7)
		wantNear(t, "mutual information", classes.MutualInformation.Float64s()[i], 0.101749, 5e-7)
	}
	if got := classes.Entropy.Shape(); !slices.Equal(got, tensor.Shape{6}) {
		t.Errorf("the entropy has shape %v, want (6)", got)
	}
}

// Classes may be followed by positions, each with an entropy of its own.
func TestUncertaintyOfPositions(t *testing.T) {
	m := built(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		y := s.Apply(script{[][]float64{{0, math.Log(.9), 0, math.Log(.1)}, {0, 7, 0, 7}}}, x, s.Step())
		return nodes.Reshape(y, 0, 2, 2)
	}, 4, graph.Float64())
	u := monteCarloOf(t, m, twoClasses(t, 3), 2, Softmax())
	if got := u.Entropy.Shape(); !slices.Equal(got, tensor.Shape{3, 2}) {
		t.Fatalf("the entropy has shape %v, want (3, 2)", got)
	}
	for i, want := range []float64{math.Ln2, 0.610864, math.Ln2, 0.610864, math.Ln2, 0.610864} {
		wantNear(t, "entropy", u.Entropy.Float64s()[i], want, 5e-7)
		wantNear(t, "mutual information", u.MutualInformation.Float64s()[i], []float64{0, 0.101749}[i%2], 5e-7)
	}
}

// Networks whose draws are for each sample, for a whole batch, and both.
var drawing = map[string]graph.Func{
	"samples": func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 16))
		return nodes.Linear(s.In("fc2"), regularize.Dropout(s.In("drop"), x, 0.5), 2)
	},
	"batches": func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 16))
		return nodes.Linear(s.In("fc2"), regularize.Dropout(s.In("drop"), x, 0.5, regularize.NoiseShape(1, 0)), 2)
	},
	"a random rate": func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 16))
		return nodes.Linear(s.In("fc2"), regularize.Dropout(s.In("drop"), x, 0.7, regularize.RandomRate(0.3)), 2)
	},
	"a weight": func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 16, nodes.Parametrize(func(s *graph.Scope, w *graph.Node) *graph.Node {
			return regularize.GaussianDropout(s.In("drop"), w, 0.5)
		})))
		return nodes.Linear(s.In("fc2"), x, 2)
	},
	"blocks": func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.Reshape(nodes.Linear(s.In("fc1"), x, 72), 0, 2, 6, 6)
		x = regularize.DropBlock2D(s.In("drop"), x, 0.4, 2)
		return nodes.Linear(s.In("fc2"), nodes.Flatten(x), 2)
	},
	"a branch": func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 16))
		x = nodes.Add(x, regularize.StochasticBranch(s.In("b"), x, 0.5, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.ReLU(regularize.Dropout(s.In("drop"), nodes.Linear(s.In("fc"), x, 16), 0.5))
		}))
		return nodes.Linear(s.In("fc2"), x, 2, nodes.Parametrize(regularize.DropConnect(0.5)))
	},
	"both": func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = regularize.Dropout(s.In("drop1"), nodes.ReLU(nodes.Linear(s.In("fc1"), x, 16)), 0.5, regularize.NoiseShape(1, 0))
		return nodes.Linear(s.In("fc2"), regularize.Dropout(s.In("drop2"), x, 0.5), 2)
	},
}

// What comes out for a sample depends on no other sample, and on no place in a
// batch.
func TestDrawsDependOnTheSampleAlone(t *testing.T) {
	ds, order := twoClasses(t, 10), []int{7, 2, 2, 9, 0}
	some, err := Subset(ds, order)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range drawing {
		for _, opts := range [][]MonteCarloOption{nil, {AtOnce(3)}} {
			u := monteCarloOf(t, built(t, f, 4, graph.Float64()), ds, 8, append(opts, Softmax())...)
			part := monteCarloOf(t, built(t, f, 3, graph.Float64()), some, 8, append(opts, Softmax())...)
			for i, j := range order {
				wantNear(t, name+": mean", part.Mean.Float64s()[2*i], u.Mean.Float64s()[2*j], 1e-15)
				wantNear(t, name+": variance", part.Variance.Float64s()[2*i], u.Variance.Float64s()[2*j], 1e-15)
				wantNear(t, name+": entropy", part.Entropy.Float64s()[i], u.Entropy.Float64s()[j], 1e-15)
				wantNear(t, name+": mutual information", part.MutualInformation.Float64s()[i], u.MutualInformation.Float64s()[j], 1e-15)
			}
			if u.MutualInformation.Float64s()[0] == 0 {
				t.Errorf("%s: the draws all agree", name)
			}
		}
	}
}

// The first members of many are those of few, and their moments those of the draws.
func TestMembersAreTheDraws(t *testing.T) {
	const n, many = 5, 70 // more than one pass
	ds := twoClasses(t, n)
	for name, f := range drawing {
		m := built(t, f, 4, graph.Float64())
		y, few := membersOf(t, m, ds, many).Float64s(), membersOf(t, m, ds, 3).Float64s()
		for i, v := range few {
			wantNear(t, name+": an output", v, y[i], 1e-15)
		}
		u := monteCarloOf(t, m, ds, many)
		for i := range 2 * n {
			sum, squares := 0.0, 0.0
			for k := range many {
				sum += y[k*2*n+i]
				squares += y[k*2*n+i] * y[k*2*n+i]
			}
			mean := sum / many
			wantNear(t, name+": mean", u.Mean.Float64s()[i], mean, 1e-14)
			wantNear(t, name+": variance", u.Variance.Float64s()[i], squares/many-mean*mean, 1e-13)
		}
		for k := range many - 1 {
			if slices.Equal(y[k*2*n:][:2*n], y[(k+1)*2*n:][:2*n]) {
				t.Errorf("%s: members %d and %d are equal", name, k, k+1)
			}
		}
	}
}

// A member drops the same of every sample.
func TestMembersHaveFixedMasks(t *testing.T) {
	const n, width, members = 6, 40, 80
	drop := func(s *graph.Scope, x *graph.Node) *graph.Node {
		ones := s.Param("weight", graph.Shape{1, width}, graph.Ones())
		x = nodes.Add(nodes.Linear(s.In("zero"), x, width, nodes.WeightInit(graph.Zeros()), nodes.NoBias()), ones)
		return regularize.Dropout(s.In("drop"), x, 0.25)
	}
	y := membersOf(t, built(t, drop, 4), twoClasses(t, n), members).Float32s()
	kept := 0
	for k := range members {
		first := y[k*n*width:][:width]
		for i := range n {
			if got := y[(k*n+i)*width:][:width]; !slices.Equal(got, first) {
				t.Fatalf("member %d drops of sample %d other values than of sample 0", k, i)
			}
		}
		for _, v := range first {
			if v != 0 {
				kept++
			}
		}
	}
	const draws = width * members
	wantNear(t, "kept", float64(kept)/draws, 0.75, 4*math.Sqrt(0.75*0.25/draws))
}

func TestModelsThatDoNotDraw(t *testing.T) {
	still := func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.BatchNorm1D(s.In("bn"), nodes.Linear(s.In("fc"), x, 3))
		return regularize.Dropout(s.In("drop").InMode(graph.Eval), x, 0.5)
	}
	m, ds := built(t, still, 4), twoClasses(t, 6)
	u := monteCarloOf(t, m, ds, 5)
	y, err := Predict(context.Background(), m, ds)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(u.Mean.Float32s(), y.Float32s()) {
		t.Errorf("got a mean of %v, want the prediction %v", u.Mean, y)
	}
	for _, v := range u.Variance.Float32s() {
		if v != 0 {
			t.Fatalf("got a variance of %v, want 0", v)
		}
	}
}

func TestScoreOfAnEnsemble(t *testing.T) {
	ctx, ds, m := context.Background(), twoClasses(t, 300), plane(t)
	if _, err := Fit(ctx, m, ds, nodes.CrossEntropy(), Adam(0.02), Epochs(3), ReportTo(nil)); err != nil {
		t.Fatal(err)
	}
	u := monteCarloOf(t, m, ds, 10, Softmax())
	scores, err := u.Score(ctx, ds, nodes.Accuracy(), nodes.TopK(2))
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i := range 300 {
		x, c, err := ds.Batch([]int{i})
		if err != nil {
			t.Fatal(err)
		}
		if _ = x; (u.Mean.Float32s()[2*i+1] > u.Mean.Float32s()[2*i]) == (c.Ints()[0] == 1) {
			right++
		}
	}
	wantNear(t, "accuracy", scores[0].Value, float64(right)/300, 1e-15)
	wantNear(t, "top 2", scores[1].Value, 1, 0)
	_, err = u.Score(ctx, twoClasses(t, 3), nodes.Accuracy())
	wantError(t, err, "train.Uncertainty.Score: the data set has 3 samples, the prediction 300")
	_, err = u.Score(ctx, ds, nil)
	wantError(t, err, "metric 0 is nil")
	_, err = (*Uncertainty)(nil).Score(ctx, ds, nodes.Accuracy())
	wantError(t, err, "there is no prediction")
	_, err = u.Score(ctx, ds, broke{"Add"})
	wantError(t, err, "a metric panicked")
}

func TestMonteCarloMistakes(t *testing.T) {
	ctx, ds := context.Background(), twoClasses(t, 4)
	one := scripted(t, []float64{1})
	for want, f := range map[string]func() error{
		"train.PredictMonteCarlo: the number of draws is 0, want at least 1": func() error { _, err := PredictMonteCarlo(ctx, one, ds, 0); return err },
		"train.PredictEnsemble: the number of draws is -1":                   func() error { _, err := PredictEnsemble(ctx, one, ds, -1); return err },
		"AtOnce is 0, want at least 1":                                       func() error { _, err := PredictMonteCarlo(ctx, one, ds, 1, AtOnce(0)); return err },
		"Precision is NaN, want more than 0":                                 func() error { _, err := PredictMonteCarlo(ctx, one, ds, 1, Precision(math.NaN())); return err },
		"the output has shape (4, 1), Softmax wants (n, classes)":            func() error { _, err := PredictMonteCarlo(ctx, one, ds, 1, Softmax()); return err },
		"train.PredictEnsemble: the model is nil":                            func() error { _, err := PredictEnsemble(ctx, nil, ds, 1); return err },
		"data set is nil": func() error { _, err := PredictEnsemble(ctx, one, nil, 1); return err },
	} {
		wantError(t, f(), want)
	}
}
