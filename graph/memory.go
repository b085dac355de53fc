package graph

// Memory returns the bytes that [Model.Summary] states: those of the buffers of a
// prediction and of a training step at the batch size given to [Build], at their
// peak, without the parameters, the loss and the working memory of single
// operations. train is 0 for a model that cannot be trained at this batch size.
func (m *Model) Memory() (predict, train int, err error) {
	if err := m.built(); err != nil {
		return 0, 0, err
	}
	p, err := m.programs.get(m, programKey{mode: Eval}, m.shape, nil, nil)
	if err != nil {
		return 0, 0, err
	}
	return p.plan.bytes() + p.plan.preparedBytes(), m.trainingBytes(), nil
}

// trainingBytes is for a loss that costs nothing.
func (m *Model) trainingBytes() (n int) {
	loss := func(y, _ *Node) *Node { return y.Layer("Total").Apply(total{}, y) }
	err := alone(func() error {
		p, err := m.build(programKey{mode: Train, grads: true}, m.shape, loss, newDense(m.dtype, m.shape[:1]), nil)
		if err == nil {
			n = p.plan.bytes()
		}
		return err
	})
	if err != nil {
		return 0
	}
	return n
}
