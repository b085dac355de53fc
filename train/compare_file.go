package train

import (
	"encoding/json"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/atomicfile"
)

// What the names of a run's files end in.
const (
	runEnding     = ".json"
	weightsEnding = ".safetensors"
)

// remedy is against a file that a run cannot use.
const remedy = " (give another folder, or delete it)"

// prepareFolder makes the folder of the results. Where a run is still to be made,
// it also writes there and takes it away again: that nothing can be stored should
// not show only after an epoch.
func (c *comparing) prepareFolder() error {
	if c.folder == "" {
		return nil
	}
	if c.allStored() {
		return nil
	}
	return makeFolder("ResultsIn", c.folder)
}

// makeFolder makes a folder that an option names, and makes sure that something can be
// stored in it.
func makeFolder(option, folder string) error {
	if file := fileAbove(folder); file != "" {
		return errors.Errorf("%s: %s is a file, want a folder", option, file)
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return errors.Wrapf(err, "%s: making the folder %s", option, folder)
	}
	probe, err := os.CreateTemp(folder, ".probe-*")
	if err != nil {
		return errors.Wrapf(err, "%s: nothing can be stored in %s", option, folder)
	}
	defer os.Remove(probe.Name())
	return errors.Wrapf(probe.Close(), "%s: nothing can be stored in %s", option, folder)
}

// fileAbove returns what of a path is a file, where it should be a folder.
func fileAbove(path string) string {
	for {
		info, err := os.Stat(path)
		parent := filepath.Dir(path)
		switch {
		case err == nil && !info.IsDir():
			return path
		case err == nil || parent == path:
			return ""
		}
		path = parent
	}
}

// allStored says whether the folder has a result of every run.
func (c *comparing) allStored() bool {
	for i := range c.runs() {
		if !exists(c.running(i).path(runEnding)) {
			return false
		}
	}
	return true
}

// path returns where a run keeps something.
func (r *running) path(ending string) string {
	fold := ""
	if r.fold > 0 {
		fold = "-fold" + strconv.Itoa(r.fold)
	}
	return filepath.Join(r.c.folder, fileName(r.v.Name)+"-seed"+strconv.FormatUint(r.seed, 10)+fold+ending)
}

// fileName makes a name fit for files of any system, in lower case since some of
// them do not tell it from upper case.
func fileName(variant string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '-', r == '+':
			return r
		}
		return '_'
	}, strings.ToLower(variant))
}

// runFile is a run as it is stored. The names in it are part of the format.
type runFile struct {
	Identity identity        `json:"study"`
	Epochs   []epochFile     `json:"epochs"`
	Clean    *evaluationFile `json:"clean_training,omitempty"`
	Test     *evaluationFile `json:"test,omitempty"`
}

type epochFile struct {
	Training   evaluationFile  `json:"training"`
	Validation *evaluationFile `json:"validation,omitempty"`
	LR         value           `json:"lr"`
	Seconds    value           `json:"seconds"`
}

type evaluationFile struct {
	Loss    value       `json:"loss"`
	Scores  []scoreFile `json:"scores,omitempty"`
	Samples int         `json:"samples"`
}

type scoreFile struct {
	Name  string `json:"name"`
	Value value  `json:"value"`
}

// value is a number in JSON, which has no NaN and no infinity: they are strings.
type value float64

// MarshalJSON implements [json.Marshaler].
func (v value) MarshalJSON() ([]byte, error) {
	if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
		return json.Marshal(strconv.FormatFloat(f, 'g', -1, 64))
	}
	return json.Marshal(float64(v))
}

// UnmarshalJSON implements [json.Unmarshaler].
func (v *value) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*v = value(f)
	return errors.Wrap(err, "a number")
}

func (e *Evaluation) file() *evaluationFile {
	if e == nil {
		return nil
	}
	f := &evaluationFile{Loss: value(e.Loss), Samples: e.Samples}
	for _, s := range e.Scores {
		f.Scores = append(f.Scores, scoreFile{s.Name, value(s.Value)})
	}
	return f
}

func (f *evaluationFile) evaluation() *Evaluation {
	if f == nil {
		return nil
	}
	e := &Evaluation{Loss: float64(f.Loss), Samples: f.Samples}
	for _, s := range f.Scores {
		e.Scores = append(e.Scores, Score{s.Name, float64(s.Value)})
	}
	return e
}

func (h *History) file() (epochs []epochFile) {
	for _, e := range h.Epochs {
		epochs = append(epochs, epochFile{*e.Evaluation.file(), e.Validation.file(), value(e.LearningRate), value(e.Duration.Seconds())})
	}
	return epochs
}

func historyOf(epochs []epochFile) *History {
	h := &History{}
	for i, e := range epochs {
		h.Epochs = append(h.Epochs, Epoch{
			Number: i + 1, Evaluation: *e.Training.evaluation(), Validation: e.Validation.evaluation(),
			LearningRate: float64(e.LR), Duration: time.Duration(float64(e.Seconds) * float64(time.Second)),
		})
	}
	return h
}

// writeRun stores a run that has ended.
func writeRun(path string, id identity, r *Run) error {
	f := runFile{Identity: id, Epochs: r.History.file(), Clean: r.Clean.file(), Test: r.Test.file()}
	err := atomicfile.Write(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "\t")
		return errors.WithStack(e.Encode(f))
	})
	return errors.WithMessage(err, path)
}

// read returns the run that is stored, nil if there is none.
func (r *running) read() (*Run, error) {
	path := r.path(runEnding)
	f, err := readRunFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := r.id.differs(f.Identity); err != nil {
		return nil, errors.WithMessage(err, path+remedy)
	}
	run := f.run(path)
	if err := r.lacks(f, run); err != nil {
		return nil, errors.WithMessage(err, path+remedy)
	}
	return run, nil
}

func readRunFile(path string) (*runFile, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var f runFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, errors.Wrapf(err, "%s%s: it is no result of train.Compare", path, remedy)
	}
	return &f, nil
}

// run returns what was stored at path.
func (f *runFile) run(path string) *Run {
	r := &Run{
		Variant: f.Identity.Variant, Seed: f.Identity.Seed, Fold: f.Identity.Fold, History: historyOf(f.Epochs),
		Clean: f.Clean.evaluation(), Test: f.Test.evaluation(),
	}
	if weights := strings.TrimSuffix(path, runEnding) + weightsEnding; exists(weights) {
		r.Weights = weights
	}
	return r
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
