package onnx

import (
	"io"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/atomicfile"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"google.golang.org/protobuf/proto"
)

// The versions of what is written.
const (
	irVersion = 8
	opset     = 17
)

// maxSize bounds a file: protocol buffers have no longer messages.
const maxSize = 1<<31 - 1

// Export writes m to an ONNX file, whole or not at all. The model does not run meanwhile.
//
// The model function is called for two batch sizes, that given to [graph.Build] and
// twice that, to see which sizes depend on the batch.
//
// Options: [Training], [FoldBatchNorm], [Names].
func Export(m *graph.Model, path string, opts ...Option) error {
	file, err := encode(m, opts)
	if err != nil {
		return guard.At("onnx.Export", err)
	}
	err = atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(file)
		return errors.WithStack(err)
	})
	return guard.At("onnx.Export", named(err, path))
}

// Write is [Export] to a stream.
func Write(w io.Writer, m *graph.Model, opts ...Option) error {
	if w == nil {
		return errors.New("onnx.Write: the writer is nil")
	}
	file, err := encode(m, opts)
	if err != nil {
		return guard.At("onnx.Write", err)
	}
	_, err = w.Write(file)
	return errors.Wrap(err, "onnx.Write")
}

// An Option adjusts one [Export] or [Write].
type Option func(*config)

type config struct {
	training, fold bool
	input, output  string
}

// Training writes the model as a training step computes its output, in place of how it
// predicts:
//
//   - Dropout and its kin are Dropout nodes that draw. Where elements share a mask, as in
//     SpatialDropout2D, x is multiplied by the Dropout of ones that have its shape. All of
//     them have one switch, the constant training_mode. Nodes that draw in other ways,
//     such as DropBlock2D and GaussianDropout, draw always. Rates are those that training
//     ends with.
//   - A batch norm takes the statistics of the batch, as a BatchNormalization with
//     training_mode. The next values of its state are outputs of the file, named
//     bn1.running_mean.next and so on. ONNX moves the running variance towards that of
//     the batch with the divisor m, and PyTorch and this module with m-1.
//
// There is no loss and no gradient in the file.
func Training() Option { return func(c *config) { c.training = true } }

// FoldBatchNorm makes the scale and the shift of a batch norm part of the convolution or
// the linear map before it, if nothing else reads that: its weight is then another one
// than that of the model, and it has a bias. The values differ by rounding. It is for
// evaluation.
func FoldBatchNorm() Option { return func(c *config) { c.fold = true } }

// Names sets the names of the input and the output, by default input and output.
func Names(input, output string) Option {
	return func(c *config) { c.input, c.output = input, output }
}

// encode returns the bytes of a file.
func encode(m *graph.Model, opts []Option) ([]byte, error) {
	c := config{input: "input", output: "output"}
	guard.Apply(&c, opts)
	switch {
	case m == nil:
		return nil, errors.New("the model is nil")
	case c.training && c.fold:
		return nil, errors.New("both Training and FoldBatchNorm are given, want one of them: a norm that trains can't be folded")
	case c.input == "" || c.output == "" || c.input == c.output:
		return nil, errors.Errorf("Names are %q and %q, want two names", c.input, c.output)
	}
	d, err := declare(m, c.training)
	if err != nil {
		return nil, err
	}
	var file []byte
	err = m.Exclusively(func() error { // weights are read
		g, err := d.emit(m, c)
		if err != nil {
			return err
		}
		if c.fold {
			foldNorms(g)
		}
		p := &onnxpb.ModelProto{
			IrVersion:    proto.Int64(irVersion),
			OpsetImport:  []*onnxpb.OperatorSetIdProto{{Domain: proto.String(""), Version: proto.Int64(opset)}},
			ProducerName: proto.String("thinnet"),
			Graph:        g,
		}
		if n := proto.Size(p); n > maxSize {
			return errors.Errorf("the file would have %d bytes, want at most %d", n, maxSize)
		}
		file, err = proto.MarshalOptions{Deterministic: true}.Marshal(p)
		return errors.WithStack(err)
	})
	return file, err
}

// typeOf returns ONNX's element type.
func typeOf(n graph.DeclaredNode) (onnxgraph.Type, error) {
	t, ok := types[n.Dtype]
	if !ok {
		return 0, errors.Errorf("element type %v has no form in ONNX", n.Dtype)
	}
	return t, nil
}
