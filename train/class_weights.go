package train

import "github.com/pkg/errors"

// ClassWeights returns a weight for each class by which all classes count the same,
// whatever their number of samples:
//
//	w[c] = n / (classes · n[c]),   n[c] samples of class c among n
//
// for a loss such as [nodes.CrossEntropy]:
//
//	w, err := train.ClassWeights(training, 10)
//	...
//	loss := nodes.CrossEntropy(nodes.ClassWeights(w...))
//
// Take them of the training data alone. [BalancedClasses] draws samples of rare classes
// more often instead, which the metrics of training see too.
//
// The targets are class indices. A class without samples, or one outside
// 0 ≤ c < classes, is an error.
//
// It is class_weight="balanced" of scikit-learn, after King and Zeng, Logistic
// Regression in Rare Events Data, Political Analysis 9, 2001.
func ClassWeights(ds Dataset, classes int) ([]float64, error) {
	_, w, err := balance(ds, classes)
	return w, errors.WithMessage(err, "train.ClassWeights")
}

// balance returns the class of each sample and the weight of each class.
func balance(ds Dataset, classes int) (labels []int, w []float64, err error) {
	if classes < 1 {
		return nil, nil, errors.Errorf("classes is %d, want at least 1", classes)
	}
	if labels, err = labelsOf(ds); err != nil {
		return nil, nil, err
	}
	w = make([]float64, classes)
	for i, c := range labels {
		if c >= classes {
			return nil, nil, errors.Errorf("sample %d: the class is %d, want 0 ≤ class < %d", i, c, classes)
		}
		w[c]++
	}
	for c, n := range w {
		if n == 0 {
			return nil, nil, errors.Errorf("class %d of %d has no sample among %d, want at least one", c, classes, len(labels))
		}
		w[c] = float64(len(labels)) / (float64(classes) * n)
	}
	return labels, w, nil
}
