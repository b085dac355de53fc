package train

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/tensorboard"
	"gorgonia.org/tensor"
)

// TensorBoard returns a callback that writes event files, which TensorBoard shows while
// a model trains and later:
//
//	train.Callbacks(train.TensorBoard("runs/1")) // and then: tensorboard --logdir runs
//
// There are two folders in dir, train and validation, whose curves lie over each other:
//   - step/loss and step/learning_rate, of each step: see [ScalarsEvery];
//   - epoch/loss and epoch/NAME of each metric, of training and of validation;
//   - histograms of weights/NAME, as they are before the first step and after epochs,
//     and of gradients/NAME in the last step of an epoch: see [HistogramsEvery];
//   - pictures, if the model sees images, of inputs as they were trained on, and of the
//     filters/NAME of the first layer: see [PicturesEvery];
//   - the graph of the model, its summary, and the settings of the training.
//
// All of them have the number of steps on their axis. A run that goes on by [Checkpoints]
// or [Continue] begins a new file in the folder, and TensorBoard forgets the steps that are
// made again. That a file cannot be written is an error, and ends training. In Keras:
// TensorBoard. For curves of your own there is package tensorboard.
func TensorBoard(dir string, opts ...TensorBoardOption) Callback {
	b := &tensorBoard{dir: dir, scalars: 1, histograms: 1, pictures: 1}
	guard.Apply(b, opts)
	return b
}

// A TensorBoardOption adjusts [TensorBoard].
type TensorBoardOption func(*tensorBoard)

// ScalarsEvery sets after how many steps loss and learning rate are written, 1 by
// default. With 0 they are not.
func ScalarsEvery(steps int) TensorBoardOption { return func(b *tensorBoard) { b.scalars = steps } }

// HistogramsEvery sets after how many epochs histograms are written, 1 by default. With 0
// they are not.
func HistogramsEvery(epochs int) TensorBoardOption {
	return func(b *tensorBoard) { b.histograms = epochs }
}

// PicturesEvery sets after how many epochs pictures are written, 1 by default. With 0
// they are not.
func PicturesEvery(epochs int) TensorBoardOption {
	return func(b *tensorBoard) { b.pictures = epochs }
}

type tensorBoard struct {
	NoCallback
	dir                           string
	scalars, histograms, pictures int
	training, validation          *tensorboard.Writer // the second is nil without
}

// Begin implements [Callback].
func (b *tensorBoard) Begin(t *Training) error {
	if b.dir == "" {
		return errors.New("TensorBoard: the folder is empty")
	}
	for _, every := range []struct {
		name string
		n    int
	}{{"ScalarsEvery", b.scalars}, {"HistogramsEvery", b.histograms}, {"PicturesEvery", b.pictures}} {
		if every.n < 0 {
			return errors.Errorf("TensorBoard: %s is %d, want at least 0", every.name, every.n)
		}
	}
	return errors.WithMessage(b.open(t), "TensorBoard")
}

func (b *tensorBoard) open(t *Training) (err error) {
	if b.training, err = tensorboard.New(filepath.Join(b.dir, "train")); err != nil {
		return err
	}
	if t.Validation() != nil {
		if b.validation, err = tensorboard.New(filepath.Join(b.dir, "validation")); err != nil {
			return err
		}
	}
	if t.Steps() == 0 {
		return b.introduce(t)
	}
	for _, w := range b.writers() {
		if err := w.Resume(t.Steps() + 1); err != nil {
			return err
		}
	}
	return nil
}

func (b *tensorBoard) writers() []*tensorboard.Writer {
	var out []*tensorboard.Writer
	for _, w := range []*tensorboard.Writer{b.training, b.validation} {
		if w != nil {
			out = append(out, w)
		}
	}
	return out
}

// introduce writes what a run has once.
func (b *tensorBoard) introduce(t *Training) error {
	if err := b.training.Graph(t.Model()); err != nil {
		return err
	}
	var summary bytes.Buffer
	if err := t.Model().Summary(&summary, graph.Quiet()); err != nil {
		return err
	}
	if err := b.training.Text("model", 0, "```\n"+summary.String()+"```"); err != nil {
		return err
	}
	optimiser := fmt.Sprintf("%T", t.Optimiser())
	if o, ours := t.Optimiser().(*Optimizer); ours {
		optimiser = o.String()
	}
	settings := fmt.Sprintf("| | |\n|---|---|\n| optimiser | %s |\n| epochs | %d |\n| batch | %d |\n| steps of an epoch | %d |\n| seed | %d |\n",
		optimiser, t.Epochs(), t.BatchSize(), t.StepsPerEpoch(), t.Model().Seed())
	if err := b.training.Text("training", 0, settings); err != nil {
		return err
	}
	if b.histograms > 0 {
		if err := b.weights(t); err != nil {
			return err
		}
	}
	if b.pictures > 0 {
		return b.filters(t)
	}
	return nil
}

// AfterStep implements [Callback].
func (b *tensorBoard) AfterStep(t *Training) error {
	if due(b.scalars, t.Steps()) {
		if err := b.training.Scalar("step/loss", t.Steps(), t.Result().Loss); err != nil {
			return errors.WithMessage(err, "TensorBoard")
		}
		if err := b.training.Scalar("step/learning_rate", t.Steps(), t.LearningRate()); err != nil {
			return errors.WithMessage(err, "TensorBoard")
		}
	}
	if due(b.histograms, t.Epoch()) && t.Batch().Index == t.StepsPerEpoch()-1 {
		return errors.WithMessage(b.gradients(t), "TensorBoard")
	}
	return nil
}

func due(every, n int) bool { return every > 0 && n%every == 0 }

// EndEpoch implements [Callback].
func (b *tensorBoard) EndEpoch(t *Training, e Epoch) error {
	return errors.WithMessage(b.epoch(t, e), "TensorBoard")
}

func (b *tensorBoard) epoch(t *Training, e Epoch) error {
	if err := writeEvaluation(b.training, t.Steps(), &e.Evaluation); err != nil {
		return err
	}
	if err := writeEvaluation(b.validation, t.Steps(), e.Validation); err != nil {
		return err
	}
	if due(b.histograms, e.Number) {
		if err := b.weights(t); err != nil {
			return err
		}
	}
	if due(b.pictures, e.Number) {
		if err := b.inputs(t); err != nil {
			return err
		}
		if err := b.filters(t); err != nil {
			return err
		}
	}
	for _, w := range b.writers() {
		if err := w.Sync(); err != nil {
			return err
		}
	}
	return nil
}

func writeEvaluation(w *tensorboard.Writer, step int, e *Evaluation) error {
	if w == nil || e == nil {
		return nil
	}
	err := w.Scalar("epoch/loss", step, e.Loss)
	for _, s := range e.Scores {
		if err == nil {
			err = w.Scalar("epoch/"+s.Name, step, s.Value)
		}
	}
	return err
}

// End implements [Callback].
func (b *tensorBoard) End(*Training, error) error {
	var first error
	for _, w := range b.writers() {
		if err := w.Close(); err != nil && first == nil {
			first = errors.WithMessage(err, "TensorBoard")
		}
	}
	b.training, b.validation = nil, nil
	return first
}

func (b *tensorBoard) histogram(tag string, step int, d *tensor.Dense) error {
	if d.Dtype() == tensor.Float64 {
		return b.training.Histogram(tag, step, tensorboard.Bin(graph.Data[float64](d)))
	}
	return b.training.Histogram(tag, step, tensorboard.Bin(graph.Data[float32](d)))
}
