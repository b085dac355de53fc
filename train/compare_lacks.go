package train

import "github.com/pkg/errors"

// lacks reports what is asked of a run, and was not when it was stored: it can no
// longer be had without training again.
func (r *running) lacks(f *runFile, run *Run) error {
	switch {
	case r.c.CleanTraining && f.Clean == nil:
		return errors.New("it was made without CleanTraining")
	case r.c.keepWeights && run.Weights == "":
		return errors.New("it was made without KeepWeights, or its weights are gone")
	}
	return r.lacksMetric(f.Epochs)
}

// lacksMetric reports a metric that stored epochs were not measured by.
func (r *running) lacksMetric(epochs []epochFile) error {
	for _, e := range epochs {
		for _, name := range r.metrics {
			if !e.Training.has(name) {
				return errors.Errorf("it was made without the metric %s", name)
			}
		}
	}
	return nil
}

func (f evaluationFile) has(metric string) bool {
	for _, s := range f.Scores {
		if s.Name == metric {
			return true
		}
	}
	return false
}
