package onnx

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/thinnet/thinnet/internal/onnxgraph"
	"github.com/thinnet/thinnet/internal/onnxpb"
)

// foldNorms takes batch norms by constants into the convolution or the linear map before
// them:
//
//	(map(x, w) + b - mean)·s + beta = map(x, s·w) + (b - mean)·s + beta,
//	s = gamma / sqrt(var + eps)
func foldNorms(g *onnxpb.GraphProto) {
	f := folding{GraphProto: g, weights: map[string]*onnxpb.TensorProto{}, makers: map[string]*onnxpb.NodeProto{}, readers: map[string]int{}}
	for _, w := range g.Initializer {
		f.weights[w.GetName()] = w
	}
	for _, n := range g.Node {
		for _, in := range n.Input {
			f.readers[in]++
		}
		for _, out := range n.Output {
			f.makers[out] = n
		}
	}
	for _, out := range g.Output {
		f.readers[out.GetName()]++
	}
	g.Node = slices.DeleteFunc(g.Node, f.fold)
	f.sweep()
}

type folding struct {
	*onnxpb.GraphProto
	weights map[string]*onnxpb.TensorProto
	makers  map[string]*onnxpb.NodeProto
	readers map[string]int
}

// fold reports whether a node is a batch norm that the node before it has taken in.
func (f folding) fold(n *onnxpb.NodeProto) bool {
	if n.GetOpType() != "BatchNormalization" {
		return false
	}
	by := f.makers[n.Input[0]]
	axis := map[string]int{"Conv": 0, "Gemm": 0, "ConvTranspose": 1}
	at, known := axis[by.GetOpType()] // where the outputs of the weight are
	if !known || f.readers[n.Input[0]] > 1 || at == 1 && attribute(by, "group").GetI() != 1 {
		return false
	}
	var params [][]float64
	for i, name := range append(append([]string{}, n.Input[1:]...), by.Input[1:]...) {
		w := f.weights[name]
		if w == nil && i < len(n.Input)-1 { // of a norm without a scale and a shift
			w = ofConstant(f.makers[name])
		}
		if w == nil {
			return false
		}
		params = append(params, numbers(w))
	}
	gamma, beta, mean, variance, w := params[0], params[1], params[2], params[3], params[4]
	bias := make([]float64, len(gamma))
	if len(params) > 5 {
		bias = params[5]
	}
	eps := float64(attribute(n, "epsilon").GetF())
	scale := make([]float64, len(gamma))
	for c := range scale {
		scale[c] = gamma[c] / math.Sqrt(variance[c]+eps)
		bias[c] = (bias[c]-mean[c])*scale[c] + beta[c]
	}
	of := f.weights[by.Input[1]]
	inner := 1
	for _, d := range of.Dims[at+1:] {
		inner *= int(d)
	}
	for i := range w {
		w[i] *= scale[i/inner%len(scale)]
	}
	by.Input[1] = f.set(of, w)
	if len(by.Input) > 2 {
		by.Input[2] = f.set(f.weights[by.Input[2]], bias)
	} else {
		by.Input = append(by.Input, f.add(by.GetName()+"/bias", of.DataType, of.Dims[at:at+1], bias))
	}
	by.Output[0] = n.Output[0]
	f.makers[n.Output[0]] = by
	return true
}

// set gives a weight other numbers, or makes a new one of them if there are other readers
// of the weight. It returns the name.
func (f folding) set(w *onnxpb.TensorProto, v []float64) string {
	if f.readers[w.GetName()] > 1 {
		return f.add(w.GetName()+"/folded", w.DataType, w.Dims, v)
	}
	w.RawData = onnxgraph.Raw(onnxgraph.Type(w.GetDataType()), v)
	return w.GetName()
}

// add adds a weight, and returns its name.
func (f folding) add(name string, t *int32, dims []int64, v []float64) string {
	for f.weights[name] != nil || f.makers[name] != nil {
		name += "_2"
	}
	w := &onnxpb.TensorProto{Name: &name, DataType: t, Dims: dims, RawData: onnxgraph.Raw(onnxgraph.Type(*t), v)}
	f.Initializer = append(f.Initializer, w)
	f.weights[name] = w
	return name
}

// ofConstant is the tensor of a Constant, nil for another node or none.
func ofConstant(n *onnxpb.NodeProto) *onnxpb.TensorProto {
	if n.GetOpType() != "Constant" {
		return nil
	}
	return attribute(n, "value").GetT()
}

// sweep removes the weights and constants that nothing reads any more, and the
// descriptions of what nothing makes.
func (f folding) sweep() {
	read, made := map[string]bool{}, map[string]bool{}
	for _, n := range f.Node {
		for _, in := range n.Input {
			read[in] = true
		}
	}
	f.Node = slices.DeleteFunc(f.Node, func(n *onnxpb.NodeProto) bool { return n.GetOpType() == "Constant" && !read[n.Output[0]] })
	for _, n := range f.Node {
		for _, out := range n.Output {
			made[out] = true
		}
	}
	f.Initializer = slices.DeleteFunc(f.Initializer, func(w *onnxpb.TensorProto) bool { return !read[w.GetName()] })
	f.ValueInfo = slices.DeleteFunc(f.ValueInfo, func(v *onnxpb.ValueInfoProto) bool { return !made[v.GetName()] })
}

func attribute(n *onnxpb.NodeProto, name string) *onnxpb.AttributeProto {
	for _, a := range n.Attribute {
		if a.GetName() == name {
			return a
		}
	}
	return nil
}

// numbers are the elements of a weight.
func numbers(w *onnxpb.TensorProto) []float64 {
	raw := w.RawData
	if w.GetDataType() == int32(onnxgraph.Float64) {
		out := make([]float64, len(raw)/8)
		for i := range out {
			out[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		}
		return out
	}
	out := make([]float64, len(raw)/4)
	for i := range out {
		out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
	}
	return out
}
