package train

import "github.com/pkg/errors"

// Warmup raises the rate along a line to where then starts, and goes on with
// then as if training began there; at step t, the length being n steps:
//
//	lr = then(0) · (t+1)/n   for t < n
//	lr = then(t-n)           for t ≥ n
//
// So step n-1 is the first at full rate, and no step has a rate of 0. A total
// given to then counts from the end of the warm-up, and so do its epochs. In
// PyTorch: SequentialLR of LinearLR and then.
//
// Source: Goyal et al., Accurate, Large Minibatch SGD: Training ImageNet in 1
// Hour, https://arxiv.org/abs/1706.02677.
func Warmup(length Span, then Schedule) Schedule {
	return func(base float64, at Progress) (float64, error) {
		if then == nil {
			return 0, errors.New("train.Warmup: then is nil, want a schedule such as Constant()")
		}
		n, err := length.steps(at)
		if err != nil {
			return 0, errors.WithMessage(err, "train.Warmup")
		}
		t := at.Step
		at.Step = max(0, t-n)
		lr, err := then(base, at)
		if t < n {
			lr *= float64(t+1) / float64(n)
		}
		return lr, err
	}
}
