package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/config"
	"github.com/thinnet/thinnet/train"
)

// comparison is what compare trains.
type comparison struct {
	Seeds    []uint64  `key:"seeds" absent:"1, 2, 3; with folds 1" doc:"each variant is trained with each"`
	Folds    int       `key:"folds" in:"[2,1000]" doc:"cross-validation by so many folds"`
	Clean    bool      `key:"clean_training" doc:"measure on the training data too, with dropout off"`
	Variants []variant `key:"variants" need:"yes" doc:"what is compared"`

	models []*settings // one a variant
}

// A variant is the config with another model or another training.
type variant struct {
	Name  string   `key:"name" need:"yes" doc:"of the variant"`
	Model override `key:"model" doc:"keys of model that are other ones"`
	Train override `key:"train" doc:"keys of train that are other ones"`
}

// An override is a part of a config that is put over another one.
type override struct{ node *config.Node }

// Type implements [config.Decoder].
func (*override) Type() string { return "as above" }

// DecodeNode implements [config.Decoder].
func (o *override) DecodeNode(n *config.Node) error {
	o.node = n
	return nil
}

// check reads the variants as configs of their own.
func (c *comparison) check(s *settings) error {
	const most = 256 // each is a config to read
	if n := len(c.Variants); n == 0 || n > most {
		return config.Errorf(s.tree.Place("compare.variants"), "variants has %d entries, want 1 to %d", n, most)
	}
	seen := map[string]bool{}
	for _, v := range c.Variants {
		if seen[v.Name] || v.Name == "" {
			return config.Errorf(s.tree.Place("compare.variants"), "the name %q is there twice or empty, want another one for each variant", v.Name)
		}
		seen[v.Name] = true
		for _, key := range []string{"seed", "threads", "checkpoints"} {
			if at := v.Train.node.Find(key); at != nil {
				return config.Errorf(at.At, "%s is given for a variant, want it in train, for all of them", key)
			}
		}
		own, err := newSettings(s.path, s.tree.Without("compare").Over(map[string]*config.Node{"model": v.Model.node, "train": v.Train.node}), nil)
		if err != nil {
			return err
		}
		c.models = append(c.models, own)
	}
	return nil
}

func compareCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compare CONFIG",
		Short: "Train variants of a model with several seeds and compare them",
		Long: `Train variants of a model, as the key compare of a config lists them, each with
several seeds, under equal conditions: the same batches in the same order, from the
same weights. What comes of it is a table of means and standard deviations; in the
folder compare of out there are also all epochs as compare.csv, and the curves as
compare.png. A comparison that was interrupted goes on when it is started again.`,
		Example: `  thinnet compare study.yaml
  thinnet compare study.yaml --set compare.seeds=[1,2,3,4,5]

  # study.yaml, beside model, data and train:
  compare:
    variants:
      - {name: none, model: {dropout: 0}}
      - {name: half, model: {dropout: 0.5}}`,
		Args: exactly(1, false, "the path of a config"),
	}
	set := settingsFlag(cmd)
	out := outFlag(cmd)
	by := cmd.Flags().String("by", "accuracy", "measure of the table: `loss or accuracy`, or top5 and so on")
	parallel := cmd.Flags().Int("parallel", 0, "how many models to train at once; by default as many as there is room for")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := readSettings(args[0], append(*set, out()...))
		if err != nil {
			return err
		}
		if s.Compare == nil {
			return config.Errorf(s.tree.At, "compare is missing, want its variants; see thinnet compare --help")
		}
		return s.compare(cmd, *by, *parallel)
	}
	return cmd
}

// measures returns an error if not all variants will be measured so.
func (c *comparison) measures(by string) error {
	for i, own := range c.models {
		names := []string{"loss"}
		for _, m := range own.Train.metrics() {
			names = append(names, m.Name())
		}
		if !slices.Contains(names, by) {
			return usagef("--by is %q, which %s does not measure, want one of %s; see train.top_k", by, c.Variants[i].Name, strings.Join(names, ", "))
		}
	}
	return nil
}

func (s *settings) compare(cmd *cobra.Command, by string, parallel int) error {
	for _, own := range s.Compare.models {
		if own.Train.Weights != "" {
			return config.Errorf(own.tree.Place("train.weights"), "weights is given, and compare begins with new weights for each seed; want none")
		}
	}
	if err := s.Compare.measures(by); err != nil {
		return err
	}
	study, err := s.study()
	if err != nil {
		return err
	}
	folder := filepath.Join(string(s.Out), "compare")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return errors.WithStack(err)
	}
	opts := []train.CompareOption{train.ResultsIn(folder), train.LogTo(cmd.ErrOrStderr())}
	if quiet(cmd) {
		opts = append(opts, train.LogTo(nil))
	}
	if parallel != 0 {
		opts = append(opts, train.Parallel(parallel))
	}
	c, err := train.Compare(cmd.Context(), study, opts...)
	if ctx := cmd.Context(); err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return interrupted{fmt.Sprintf("stopped; what is done is saved in %s. To go on, give the same command again", folder)}
	}
	if err != nil {
		return err
	}
	var table strings.Builder
	if err := c.WriteCSV(&table); err != nil {
		return err
	}
	if err := runFolder(folder).write(filepath.Join(folder, "compare.csv"), []byte(table.String())); err != nil {
		return err
	}
	if err := c.Plot(filepath.Join(folder, "compare.png")); err != nil {
		return err
	}
	return c.Table(cmd.OutOrStdout(), by)
}

// study is what the variants are trained on and how.
func (s *settings) study() (train.Study, error) {
	e, err := s.open()
	if err != nil {
		return train.Study{}, err
	}
	study := train.Study{
		Seeds: s.Compare.Seeds, Shape: append(graph.Shape{s.Train.Batch}, e.shape...), Test: e.test,
		CleanTraining: s.Compare.Clean,
	}
	if study.Training = e.training; s.Compare.Folds > 0 {
		if study.Folds, err = e.folds(s.Compare.Folds); err != nil {
			return train.Study{}, err
		}
		study.Training, e.training = nil, study.Folds[0].Training // what an epoch is
	}
	for i, v := range s.Compare.Variants {
		of := *e
		of.settings = s.Compare.models[i]
		if _, err := of.build(); err != nil { // a mistake shows before anything is trained
			return train.Study{}, err
		}
		loss, err := of.Train.loss(e.training, e.classes)
		if err != nil {
			return train.Study{}, err
		}
		study.Variants = append(study.Variants, train.Variant{
			Name: v.Name, Model: of.Model.build(e.classes, s.Data.layout()), Loss: loss,
			Optimiser: func() *train.Optimizer { o, _ := of.Train.Optimiser.make(); return o }, // checked before
			Options:   func() []train.FitOption { return append(of.Train.options(&of), train.ReportTo(io.Discard)) },
			Settings:  of.conditions(),
		})
	}
	study.Loss, study.Optimiser = study.Variants[0].Loss, study.Variants[0].Optimiser
	study.Options = func() []train.FitOption { return nil }
	return study, nil
}

// conditions are what decides the figures, in words.
func (s *settings) conditions() string {
	_, values := s.tree.Flat()
	var out []string
	for _, path := range slices.Sorted(maps.Keys(values)) {
		if !mayChange(path) {
			out = append(out, path+" "+values[path])
		}
	}
	return strings.Join(out, ", ")
}

// folds cuts the training data, of which nothing else is kept to validate on.
func (e *experiment) folds(k int) ([]train.Fold, error) {
	all := e.training
	if e.validation != nil {
		var err error
		if all, err = train.Concat(e.training, e.validation); err != nil {
			return nil, err
		}
		e.validation = nil
	}
	var opts []train.SplitOption
	if e.common.Stratified {
		opts = append(opts, train.Stratified())
	}
	return train.KFold(all, k, e.Train.Seed, opts...)
}
