package export

import (
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A kerasLayer is what the file has of one layer, by the names of variables.
type kerasLayer struct {
	name    string // with dots
	reverse string // or "_reverse"
	vars    map[string]*tensor.Dense
	order   []string
}

// fromKeras converts variables under their paths, such as
// sequential/lstm/lstm_cell/kernel.
func fromKeras(vars []Tensor) ([]Tensor, error) {
	layers, err := kerasLayers(vars)
	if err != nil {
		return nil, err
	}
	var out []Tensor
	for _, l := range layers {
		ts, err := l.tensors()
		if err != nil {
			return nil, errors.WithMessagef(err, "layer %q", l.name)
		}
		out = append(out, ts...)
	}
	seen := map[string]bool{}
	for _, t := range out {
		if err := checkName(t.Name, seen); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// kerasLayers sorts variables by their layers.
func kerasLayers(vars []Tensor) ([]*kerasLayer, error) {
	var layers []*kerasLayer
	byPath := map[string]*kerasLayer{}
	for _, v := range vars {
		slash := strings.LastIndexByte(v.Name, '/')
		if slash < 1 {
			return nil, errors.Errorf("variable %q is of no layer, want layer/variable: %s", v.Name, kerasAdvice)
		}
		path, name := v.Name[:slash], v.Name[slash+1:]
		if strings.HasPrefix(name, "seed_generator_state") {
			continue
		}
		l := byPath[path]
		if l == nil {
			l = &kerasLayer{name: path, vars: map[string]*tensor.Dense{}}
			layers, byPath[path] = append(layers, l), l
		}
		l.vars[name], l.order = v.Value, append(l.order, name)
	}
	for _, l := range layers {
		parts := strings.Split(l.name, "/")
		if l.vars["recurrent_kernel"] != nil && len(parts) > 1 { // the last is the cell's
			parts = parts[:len(parts)-1]
			last := parts[len(parts)-1]
			if len(parts) > 1 && (strings.HasPrefix(last, "forward_") || strings.HasPrefix(last, "backward_")) {
				parts = parts[:len(parts)-1]
				if last[0] == 'b' {
					l.reverse = "_reverse"
				}
			}
		}
		l.name = strings.Join(parts, ".")
	}
	cutModel(layers)
	return layers, nil
}

// cutModel leaves out what all names begin with: that of the model.
func cutModel(layers []*kerasLayer) {
	if len(layers) == 0 {
		return
	}
	model, _, _ := strings.Cut(layers[0].name, ".")
	for _, l := range layers {
		if !strings.HasPrefix(l.name, model+".") {
			return
		}
	}
	for _, l := range layers {
		l.name = l.name[len(model)+1:]
	}
}

// tensors returns the weights of the layer as PyTorch has them.
func (l *kerasLayer) tensors() ([]Tensor, error) {
	if l.vars["recurrent_kernel"] != nil {
		return l.recurrent()
	}
	var out []Tensor
	for _, name := range l.order {
		v := l.vars[name]
		to, known := map[string]string{
			"kernel": "weight", "embeddings": "weight", "gamma": "weight", "bias": "bias", "beta": "bias",
			"moving_mean": "running_mean", "moving_variance": "running_var",
		}[name]
		switch {
		case !known:
			return nil, errors.Errorf("variable %q is unknown, want kernel, bias, gamma, beta, moving_mean, moving_variance, "+
				"embeddings or recurrent_kernel", name)
		case name == "kernel" && v.Dims() < 2:
			return nil, errors.Errorf("kernel has shape %v, want (..., in, out)", v.Shape())
		case name == "kernel":
			v = outputsFirst(v)
		}
		out = append(out, Tensor{l.name + "." + to, v})
	}
	if mean := l.vars["moving_mean"]; mean != nil {
		out = append(out, Tensor{l.name + ".num_batches_tracked", newDense([]int64{0}, nil)})
	}
	return out, nil
}

// outputsFirst turns (..., in, out) into (out, in, ...).
func outputsFirst(d *tensor.Dense) *tensor.Dense {
	shape := d.Shape()
	axes := []int{len(shape) - 1, len(shape) - 2}
	for axis := range len(shape) - 2 {
		axes = append(axes, axis)
	}
	to := make([]int, len(axes))
	for i, axis := range axes {
		to[i] = shape[axis]
	}
	return transposed(d, shape, axes, to)
}

// recurrent returns the weights of an LSTM, whose gates are in PyTorch's order, of a
// GRU, whose first two are not, or of a SimpleRNN, by the number of gates.
func (l *kerasLayer) recurrent() ([]Tensor, error) {
	kernel, state, bias := l.vars["kernel"], l.vars["recurrent_kernel"], l.vars["bias"]
	known := 2
	if bias != nil {
		known++
	}
	if kernel == nil || kernel.Dims() != 2 || state.Dims() != 2 || len(l.vars) != known {
		return nil, errors.Errorf("has variables %v, want a kernel, a recurrent_kernel, of two axes each, and a bias or none", l.order)
	}
	h := state.Shape()[0]
	gates := state.Shape()[1] / h
	if state.Shape()[1]%h != 0 || kernel.Shape()[1] != gates*h || gates != 1 && gates != 3 && gates != 4 {
		return nil, errors.Errorf("kernels have shapes %v and %v, want (in, G·H) and (H, G·H) with 4 gates G, 3 or 1",
			kernel.Shape(), state.Shape())
	}
	tail := "_l0" + l.reverse
	out := []Tensor{
		{l.name + ".weight_ih" + tail, pyTorchGates(outputsFirst(kernel), gates)},
		{l.name + ".weight_hh" + tail, pyTorchGates(outputsFirst(state), gates)},
	}
	switch {
	case bias == nil:
		return out, nil
	case gates == 3 && slices.Equal(bias.Shape(), []int{2, 3 * h}):
		halves := rowsOf(bias, 2)
		return append(out, Tensor{l.name + ".bias_ih" + tail, pyTorchGates(halves[0], gates)},
			Tensor{l.name + ".bias_hh" + tail, pyTorchGates(halves[1], gates)}), nil
	case gates == 3 && bias.Dims() == 1:
		return nil, errors.Errorf("bias has shape %v, want (2, %d): a GRU with reset_after=True", bias.Shape(), 3*h)
	case bias.Dims() == 1 && bias.Shape()[0] == gates*h:
		zeros := reflect.MakeSlice(elementsOf(bias).Type(), gates*h, gates*h).Interface()
		return append(out, Tensor{l.name + ".bias_ih" + tail, bias},
			Tensor{l.name + ".bias_hh" + tail, newDense(zeros, []int{gates * h})}), nil
	}
	return nil, errors.Errorf("bias has shape %v, want (%d)", bias.Shape(), gates*h)
}

// pyTorchGates brings the rows of a GRU from Keras's order, z, r, h, to r, z, n.
func pyTorchGates(d *tensor.Dense, gates int) *tensor.Dense {
	if gates != 3 {
		return d
	}
	data := elementsOf(d)
	third := data.Len() / 3
	out := reflect.MakeSlice(data.Type(), 0, data.Len())
	for _, gate := range []int{1, 0, 2} {
		out = reflect.AppendSlice(out, data.Slice(gate*third, (gate+1)*third))
	}
	return newDense(out.Interface(), d.Shape())
}

// rowsOf splits a matrix of n rows.
func rowsOf(d *tensor.Dense, n int) (out []*tensor.Dense) {
	data := elementsOf(d)
	size := data.Len() / n
	for i := range n {
		out = append(out, newDense(data.Slice(i*size, (i+1)*size).Interface(), []int{size}))
	}
	return out
}

// elementsOf returns those of d as a slice.
func elementsOf(d *tensor.Dense) reflect.Value {
	k, _ := kindOfDtype(d.Dtype())
	return reflect.ValueOf(kinds[k].elements(d))
}
