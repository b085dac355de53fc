package kernel

// Name returns what the activation is called among the kernels of devices, and the numbers
// that it takes there. Its gradient, of the name with _grad, takes y if ofOutput, else x.
func (f Activation) Name() (name string, numbers []float64, ofOutput bool) {
	switch f.kind {
	case sigmoidKind:
		return "sigmoid", nil, true
	case tanhKind:
		return "tanh", nil, true
	case siluKind:
		return "silu", nil, false
	case geluKind:
		return "gelu", nil, false
	case geluTanhKind:
		return "gelu_tanh", nil, false
	case eluKind:
		return "elu", []float64{f.a, f.b}, false
	}
	return "softplus", []float64{f.a, f.b}, false
}
