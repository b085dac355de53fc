package train

import (
	"encoding/json"
	"math"
	"path/filepath"
	"testing"

	"github.com/thinnet/thinnet/nodes"
)

// What a checkpoint says is not trusted, even under a checksum that fits: it is an
// error, or a place to go on from.
func FuzzCheckpoint(f *testing.F) {
	_, meta, err := readCheckpoint(filepath.Join("testdata", "checkpoint", "v1"+checkpointEnding))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(meta[trainingKey]))
	f.Add([]byte(`{"version":1,"batch":-1,"sums":{"metrics":[null]},"optimiser":["x"]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var file trainingFile
		if json.Unmarshal(text, &file) != nil {
			return
		}
		_, ts, err := readTraining(filepath.Join("testdata", "checkpoint", "v1"+checkpointEnding))
		if err != nil {
			t.Fatal(err)
		}
		fit := &fit{m: plane(t), loss: nodes.CrossEntropy(), optimiser: Adam(0.01), history: &History{}}
		opts := []FitOption{Epochs(9), Metrics(nodes.Accuracy()), Callbacks(EarlyStopping(5)), WithSchedule(Constant()), ReportTo(nil)}
		if err := fit.prepare(twoClasses(t, 56), opts); err != nil {
			t.Fatal(err)
		}
		fit.of = &file.Of // of this training, so that the rest is reached
		if fit.restore(&file, ts) != nil {
			return
		}
		if fit.batchesDone < 0 || fit.batchesDone > 4 || fit.epoch > 9 || fit.step != 4*fit.epoch+fit.batchesDone || math.IsNaN(fit.optimiser.(*Optimizer).LR()) {
			t.Errorf("it goes on from epoch %d, batch %d, step %d", fit.epoch, fit.batchesDone, fit.step)
		}
	})
}
