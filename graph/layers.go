package graph

// A Layer is a row of [Model.Summary].
type Layer struct {
	Path string // of the scope
	Node string // what is there, with what defines it, as in Dropout(p=0.5)
	// Shape is that of the output, for the batch the model was built for.
	Shape      Shape
	Parameters int
}

// Layers returns what [Model.Summary] prints, without the input: the layers of the
// model as it trains, in order. For that it declares the model anew.
func (m *Model) Layers() ([]Layer, error) {
	if err := m.built(); err != nil {
		return nil, err
	}
	b, _, err := m.asTrained()
	if err != nil {
		return nil, err
	}
	var out []Layer
	for _, r := range b.rows() {
		out = append(out, Layer{r.path, r.kind, r.shape.Clone(), r.params})
	}
	return out, nil
}
