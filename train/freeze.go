package train

// Freeze keeps the parameters whose names match one of the patterns as they are, as
// [graph.Freezing] does:
//
//	train.Fit(ctx, m, data, loss, train.Adam(1e-3), train.Freeze("conv1.*", "conv2.*"))
//
// Their gradients are not computed, and the optimiser keeps no moments of them. So it
// is one for the parameters that are left: take a new one where others are frozen, and
// know that a [Group] does not match frozen ones. A pattern that matches no parameter is an
// error.
//
// The running statistics of a batch norm whose parameters are frozen go on changing,
// unless the model declares it in [graph.Eval] mode by [graph.Scope.InMode].
func Freeze(patterns ...string) FitOption {
	return func(s *fitSettings) { s.frozen = append(s.frozen, patterns...) }
}
