package thinnet

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

// A groupedRun is a case of groups.json or accumulate.json in testdata/golden: how PyTorch
// trained a network some of whose parameters were frozen, or had options of their own, or
// whose gradients were added up over pieces of the batch.
type groupedRun struct {
	trained
	Net       string
	Optimizer struct {
		Name        string
		LR          float64
		Momentum    float64
		WeightDecay *float64 `json:"weight_decay"`
	}
	Frozen []string
	Groups []struct {
		Pattern     string
		LRFactor    *float64 `json:"lr_factor"`
		WeightDecay *float64 `json:"weight_decay"`
	}
	Piece    int // the most samples of a piece; 0 for one batch
	Gamma    float64
	ClipNorm float64 `json:"clip_norm"`
	Trained  []string
}

func TestGroupsAndFrozenParametersAsInPyTorch(t *testing.T) { checkGroupedRuns(t, "groups.json") }

func TestStepsInPiecesAsInPyTorch(t *testing.T) { checkGroupedRuns(t, "accumulate.json") }

func checkGroupedRuns(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile("testdata/golden/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []groupedRun }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Errorf("%s has no cases", name)
	}
	for _, c := range file.Cases {
		t.Run(c.Name+"/float64", func(t *testing.T) { c.check(t, trainedTolerance64, graph.Float64()) })
		t.Run(c.Name+"/float32", func(t *testing.T) { c.check(t, trainedTolerance32) })
	}
}

func (c groupedRun) check(t *testing.T, tolerance float64, opts ...graph.Option) {
	net := map[string]string{"ConvNet": "convnet_sgd", "MLP": "mlp_adam"}[c.Net]
	m := build(t, goldenNetworks[net], c.Inputs[0].Shape, opts...)
	c.start(t, m)
	before := map[string][]float64{}
	for _, w := range m.Weights() {
		before[w.Name] = floats(t, w.Value)
	}
	o := c.optimiser(t)
	how := []graph.TrainerOption{graph.Freezing(c.Frozen...)}
	if c.Piece > 0 {
		how = append(how, graph.InPieces(c.Piece))
	}
	tr := m.Trainer(nodes.CrossEntropy(), how...)
	var losses []float64
	for step := range c.Losses {
		if err := o.SetLR(c.Optimizer.LR * math.Pow(c.Gamma, float64(step))); err != nil {
			t.Fatal(err)
		}
		r, err := tr.Step(c.Inputs[0].dense(), c.Target.classes())
		if err != nil {
			t.Fatalf("%+v", err)
		}
		losses = append(losses, r.Loss)
		if err := tr.Update(o); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	var called []string
	for _, p := range tr.Params() {
		called = append(called, p.(interface{ Name() string }).Name())
	}
	if !slices.Equal(called, c.Trained) {
		t.Errorf("the optimiser has %q, want %q", called, c.Trained)
	}
	last := o.State()[len(o.State())-1].Name
	if n, _, _ := strings.Cut(last, "."); n != strconv.Itoa(len(c.Trained)-1) {
		t.Errorf("its state ends with %s, want it to be of %d parameters", last, len(c.Trained))
	}
	wantClose(t, "losses", losses, c.Losses, tolerance, tolerance)
	for _, w := range m.Weights() {
		got := floats(t, w.Value)
		wantClose(t, w.Name, got, c.After[w.Name].Data, tolerance, tolerance)
		if w.Trainable && !slices.Contains(c.Trained, w.Name) && !slices.Equal(got, before[w.Name]) {
			t.Errorf("%s is frozen, and changed", w.Name)
		}
	}
	y, err := m.Predict(c.Inputs[0].dense())
	if err != nil {
		t.Fatalf("%+v", err)
	}
	wantClose(t, "output in evaluation", floats(t, y), c.Output.Data, tolerance, tolerance)
}

func (c groupedRun) optimiser(t *testing.T) *train.Optimizer {
	t.Helper()
	var opts []train.OptimizerOption
	if c.Optimizer.Momentum > 0 {
		opts = append(opts, train.Momentum(c.Optimizer.Momentum))
	}
	if c.Optimizer.WeightDecay != nil {
		opts = append(opts, train.WeightDecay(*c.Optimizer.WeightDecay))
	}
	if c.ClipNorm > 0 {
		opts = append(opts, train.ClipNorm(c.ClipNorm))
	}
	for _, g := range c.Groups {
		var sets []train.GroupOption
		if g.LRFactor != nil {
			sets = append(sets, train.LRFactor(*g.LRFactor))
		}
		if g.WeightDecay != nil {
			sets = append(sets, train.WeightDecay(*g.WeightDecay))
		}
		opts = append(opts, train.Group(g.Pattern, sets...))
	}
	make := map[string]func(float64, ...train.OptimizerOption) *train.Optimizer{
		"SGD": train.SGD, "Adam": train.Adam, "AdamW": train.AdamW, "RMSProp": train.RMSProp, "Adagrad": train.Adagrad,
	}[c.Optimizer.Name]
	if make == nil {
		t.Fatalf("the optimiser is %s, which is none of ours", c.Optimizer.Name)
	}
	return make(c.Optimizer.LR, opts...)
}
