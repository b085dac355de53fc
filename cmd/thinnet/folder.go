package main

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/atomicfile"
	"github.com/thinnet/thinnet/internal/config"
)

// A runFolder is what train leaves behind.
type runFolder string

func (r runFolder) path(name string) string { return filepath.Join(string(r), name) }
func (r runFolder) checkpoints() string     { return r.path("checkpoints") }
func (r runFolder) tensorboard() string     { return r.path("tensorboard") }
func (r runFolder) report() string          { return r.path("report.html") }
func (r runFolder) best() string            { return r.path("best.safetensors") }
func (r runFolder) last() string            { return r.path("last.safetensors") }
func (r runFolder) curves() string          { return r.path("curves.png") }
func (r runFolder) config() string          { return r.path("config.yaml") }
func (r runFolder) about() string           { return r.path("run.json") }

// free returns an error if something else than a folder is there.
func (r runFolder) free() error {
	if info, err := os.Stat(string(r)); err == nil && !info.IsDir() {
		return usagef("%s is a file, want a folder for the run, or a path where nothing is yet", r)
	}
	return nil
}

// forget deletes what another run would not replace, or only later.
func (r runFolder) forget() error {
	for _, path := range []string{r.checkpoints(), r.tensorboard(), r.best(), r.last(), r.curves(), r.report()} {
		if err := os.RemoveAll(path); err != nil {
			return errors.WithStack(err)
		}
	}
	return nil
}

// about is what a prediction needs to know beside the weights.
type about struct {
	Shape   graph.Shape `json:"shape"` // of a sample
	Classes int         `json:"classes"`
	Names   []string    `json:"names,omitempty"`
}

// begin makes the folder and writes what is known before training.
func (r runFolder) begin(e *experiment) error {
	if err := os.MkdirAll(string(r), 0o777); err != nil {
		return errors.WithStack(err)
	}
	text := "# What thinnet train ran, with defaults and absolute paths.\n" + e.tree.Without("out").Text()
	if err := r.write(r.config(), []byte(text)); err != nil {
		return err
	}
	b, err := json.MarshalIndent(about{e.shape, e.classes, e.names}, "", "  ")
	if err != nil {
		return errors.WithStack(err)
	}
	return r.write(r.about(), append(b, '\n'))
}

func (r runFolder) write(path string, b []byte) error {
	return errors.WithMessage(atomicfile.Write(path, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(b))
		return err
	}), path)
}

// mayDiffer are keys by which a run is no other one.
var mayDiffer = []string{"train.epochs", "train.threads", "train.device", "train.checkpoints", "out", "compare"}

// suits returns an error if the folder holds a run of another config.
func (r runFolder) suits(s *settings) error {
	if _, err := os.Stat(r.checkpoints()); err != nil {
		return nil // if the folder cannot be used, that shows when it is made
	}
	was, err := readSettings(r.config(), nil)
	if err != nil {
		return errors.WithMessagef(err, "%s holds a run without a sound config; to begin anew, give --fresh", r)
	}
	return r.differs(s, was, "give another folder by --out, or --fresh to begin anew")
}

// differs returns an error if a config is not that of the run in the folder.
func (r runFolder) differs(s, was *settings, advice string) error {
	paths, now := s.tree.Flat()
	oldPaths, old := was.tree.Flat()
	for _, path := range append(paths, oldPaths...) {
		if now[path] != old[path] && !mayChange(path) {
			return config.Errorf(s.tree.Place(path), "%s is %s, and the run in %s has %s; %s", path, orNothing(now, path), r, orNothing(old, path), advice)
		}
	}
	return nil
}

func orNothing(values map[string]string, path string) string {
	if v, ok := values[path]; ok {
		return v
	}
	return "no such key"
}

func mayChange(path string) bool {
	for _, p := range mayDiffer {
		if path == p || strings.HasPrefix(path, p+".") {
			return true
		}
	}
	return false
}

// readAbout reads run.json.
func (r runFolder) readAbout() (a about, err error) {
	b, err := os.ReadFile(r.about())
	if errors.Is(err, fs.ErrNotExist) {
		return a, errors.Errorf("%s holds no run, want the folder of a training", r)
	}
	if err != nil {
		return a, errors.WithStack(err)
	}
	if err := json.Unmarshal(b, &a); err != nil {
		return a, errors.Wrapf(err, "%s is damaged", r.about())
	}
	if a.Classes < 1 || a.Classes > maxClasses || len(a.Shape) == 0 || len(a.Names) > 0 && len(a.Names) != a.Classes {
		return a, errors.Errorf("%s is damaged: %d classes of the names %q, shape %v", r.about(), a.Classes, a.Names, a.Shape)
	}
	for _, n := range a.Shape {
		if n < 1 || n > 1<<24 {
			return a, errors.Errorf("%s is damaged: shape %v", r.about(), a.Shape)
		}
	}
	return a, nil
}

// resolve finds the run of an argument: a folder, or the config that was trained.
func resolve(arg string, set []string) (*settings, runFolder, error) {
	info, err := os.Stat(arg)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", errors.Errorf("%s is not there, want the folder of a training, or a config", arg)
	}
	if err != nil {
		return nil, "", errors.WithStack(err)
	}
	path, r := arg, runFolder("")
	if info.IsDir() {
		r = runFolder(arg)
		path = r.config()
		if _, err := os.Stat(path); err != nil {
			return nil, "", usagef("%s holds no run, want the folder of a training, or a config", arg)
		}
	}
	s, err := readSettings(path, set)
	if err != nil {
		return nil, "", err
	}
	if r != "" {
		return s, r, nil
	}
	r = runFolder(s.Out)
	was, err := readSettings(r.config(), nil)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, r, nil
	case err != nil:
		return nil, "", err
	}
	// Another seed, for one, is another split: what was trained on would be validated on.
	return s, r, r.differs(s, was, "give the config that was trained, or the folder in its place")
}

// weightsFile finds the file that --weights names.
func (r runFolder) weightsFile(which string) (string, error) {
	switch which {
	case "best":
		return r.best(), nil
	case "last":
		return r.last(), nil
	case "":
		for _, path := range []string{r.best(), r.last()} {
			if _, err := os.Stat(path); err == nil {
				return path, nil
			}
		}
		return "", errors.Errorf("%s has no weights yet, want the folder of a training of at least an epoch", r)
	}
	return which, nil
}

// trained builds the model of a run with its weights.
func (s *settings) trained(r runFolder, a about, which string) (*graph.Model, error) {
	path, err := r.weightsFile(which)
	if err != nil {
		return nil, err
	}
	m, err := s.build(a.Shape, a.Classes, s.Train.Batch)
	if err != nil {
		return nil, err
	}
	return m, loadWeights(m, path)
}
