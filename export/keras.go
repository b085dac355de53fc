package export

import (
	"io"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
)

// hdf5Magic starts an HDF5 file.
const hdf5Magic = "\x89HDF\r\n\x1a\n"

// How to get from Keras what this package reads.
const kerasAdvice = `numpy.savez("weights.npz", **{v.path: v.numpy() for v in model.weights}) in Python`

// ReadKeras reads the weights of a Keras 3 model, whatever its backend, from an NPZ
// file of its variables under their paths:
//
//	numpy.savez("weights.npz", **{v.path: v.numpy() for v in model.weights})
//
// It returns them in PyTorch's names, order of axes and order of gates, which are
// this project's, in the order of the layers:
//
//	Dense                            kernel (in, out): weight (out, in); bias
//	Conv1D, Conv2D, Conv3D           kernel (..., in, out): weight (out, in, ...); bias
//	Conv2DTranspose                  kernel (..., out, in): weight (in, out, ...); bias
//	BatchNormalization               gamma, beta, moving_mean, moving_variance:
//	                                 weight, bias, running_mean, running_var, and a
//	                                 num_batches_tracked of 0, which Keras does not count
//	LayerNormalization, GroupNormalization   gamma, beta: weight, bias
//	Embedding                        embeddings: weight
//	LSTM, GRU, SimpleRNN             kernel, recurrent_kernel, bias: weight_ih_l0,
//	                                 weight_hh_l0, bias_ih_l0, bias_hh_l0
//
// An LSTM of Keras has one bias: bias_hh_l0 is 0. In a Bidirectional the backward
// layer's names end in _reverse. A GRU is one with reset_after, the default. Layers
// within others have paths with dots; the name of the model before all of them is
// left out. The states of random generators are passed over, and any other variable
// is an error.
//
// A .weights.h5 or .keras file is an error that says how to make an NPZ of it: no
// reader of HDF5 in Go was found that survives damaged files.
func ReadKeras(path string) (ts []Tensor, err error) {
	err = readFile(path, func(r io.ReaderAt, size int64) (err error) {
		ts, err = DecodeKeras(r, size)
		return err
	})
	return ts, err
}

// DecodeKeras is [ReadKeras] from size bytes of r.
func DecodeKeras(r io.ReaderAt, size int64) ([]Tensor, error) {
	if r == nil {
		return nil, errors.New("the reader is nil")
	}
	var start [len(hdf5Magic)]byte
	if n, _ := r.ReadAt(start[:min(size, int64(len(start)))], 0); string(start[:n]) == hdf5Magic {
		return nil, errors.New("is an HDF5 file, want an NPZ: " + kerasAdvice)
	}
	ts, err := DecodeNPZ(r, size)
	if err != nil {
		return nil, errors.WithMessage(err, "want an NPZ: "+kerasAdvice)
	}
	return fromKeras(ts)
}

// LoadKeras copies the weights of a Keras 3 model, as [ReadKeras] reads them, to
// those of m as [Match] does: all of them, or on any problem none.
//
// Layers of the same names on both sides belong together. If a layer of the file has
// a name that m does not, and no option renames, they are taken in their order
// instead, of both sides only those with weights; layer l1 of an LSTM is the second
// LSTM of Keras.
//
// A dense layer behind Keras's Flatten needs [Flattened]. Keras's batch normalisation
// has an ε of 1e-3, which is no weight: nodes.Eps(1e-3).
func LoadKeras(m *graph.Model, path string, opts ...LoadOption) error {
	if m == nil {
		return errNoModel()
	}
	ts, err := ReadKeras(path)
	if err != nil {
		return err
	}
	if len(newLoading(opts).renames) == 0 {
		if ts, err = inOrder(ts, weights(m)); err != nil {
			return errors.WithMessage(err, path)
		}
	}
	return load(m, path, ts, opts)
}

// inOrder gives the tensors of ts the names of the layers of dst in their order,
// unless all their layers have names of dst.
func inOrder(ts, dst []Tensor) ([]Tensor, error) {
	from, to := layersOf(ts), layersOf(dst)
	known := map[layer]bool{}
	for _, l := range to {
		known[l] = true
	}
	same := true
	for _, l := range from {
		same = same && known[l]
	}
	if same {
		return ts, nil
	}
	if len(from) != len(to) {
		return nil, errors.Errorf("has %d layers with weights, %s, and the model %d, %s: want as many, or names by export.RenameTable",
			len(from), pathsOf(from), len(to), pathsOf(to))
	}
	place := map[layer]layer{}
	for i, l := range from {
		place[l] = to[i]
	}
	out := make([]Tensor, len(ts))
	for i, t := range ts {
		l, weight := layerOf(t.Name)
		out[i] = Tensor{place[l].path + "." + strings.Replace(weight, "_l0", "_l"+place[l].level, 1), t.Value}
	}
	return out, nil
}

// A layer is one of Keras's: recurrent layers have a level, as in weight_ih_l0.
type layer struct{ path, level string }

// layerOf splits a name into its layer and the name of the weight there.
func layerOf(name string) (layer, string) {
	dot := strings.LastIndexByte(name, '.')
	l, weight := layer{path: name[:max(dot, 0)]}, name[dot+1:]
	for _, kind := range []string{"weight_ih_l", "weight_hh_l", "bias_ih_l", "bias_hh_l"} {
		if level, ok := strings.CutPrefix(weight, kind); ok {
			l.level = strings.TrimSuffix(level, "_reverse")
		}
	}
	return l, weight
}

// layersOf lists the layers in their order.
func layersOf(ts []Tensor) (out []layer) {
	seen := map[layer]bool{}
	for _, t := range ts {
		l, _ := layerOf(t.Name)
		if !seen[l] {
			seen[l] = true
			out = append(out, l)
		}
	}
	return out
}

func pathsOf(layers []layer) string {
	var paths []string
	for _, l := range layers {
		paths = append(paths, l.path)
	}
	return strings.Join(firstOf(paths), ", ")
}
