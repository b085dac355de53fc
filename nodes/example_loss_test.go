package nodes_test

import "github.com/thinnet/thinnet/nodes"

func ExampleCrossEntropy() {
	logits := matrix(2, 3, 2, 1, 0, 0, 1, 3)
	showLoss(nodes.CrossEntropy(), logits, dense([]int{0, 2}, 2))
	showLoss(nodes.CrossEntropy(nodes.LabelSmoothing(0.1)), logits, dense([]int{0, 2}, 2))
	showLoss(nodes.CrossEntropy(nodes.ClassWeights(1, 1, 5)), logits, dense([]int{0, 2}, 2))
	// The second position does not count.
	showLoss(nodes.CrossEntropy(), logits, dense([]int{0, -100}, 2))
	// Probabilities instead of indices.
	showLoss(nodes.CrossEntropy(), logits, matrix(2, 3, 0.5, 0.5, 0, 0, 0, 1))
	// Output:
	// 0.2887
	// 0.4221
	// 0.2095
	// 0.4076
	// 0.5387
}

func ExampleNLL() {
	logp := matrix(2, 2, -0.1, -2.5, -1.5, -0.25)
	showLoss(nodes.NLL(), logp, dense([]int{0, 1}, 2))
	showLoss(nodes.NLL(nodes.Sum), logp, dense([]int{0, 1}, 2))
	// Output:
	// 0.1750
	// 0.3500
}

func ExampleBCEWithLogits() {
	logits, target := matrix(2, 2, 0, 2, -1, 1000), matrix(2, 2, 1, 1, 0, 1)
	showLoss(nodes.BCEWithLogits(), logits, target)
	showLoss(nodes.BCEWithLogits(nodes.PosWeight(3)), logits, target)
	// Output:
	// 0.2833
	// 0.6934
}

func ExampleMSE() {
	showLoss(nodes.MSE(), matrix(2, 1, 1, 4), matrix(2, 1, 0, 1))
	showLoss(nodes.MSE(nodes.Sum), matrix(2, 1, 1, 4), matrix(2, 1, 0, 1))
	// Output:
	// 5.0000
	// 10.0000
}

func ExampleL1() {
	showLoss(nodes.L1(), matrix(2, 1, 1, 4), matrix(2, 1, 0, 1))
	// Output: 2.0000
}

func ExampleHuber() {
	showLoss(nodes.Huber(), matrix(2, 1, 1, 4), matrix(2, 1, 0, 1))
	showLoss(nodes.Huber(nodes.Delta(2)), matrix(2, 1, 1, 4), matrix(2, 1, 0, 1))
	// Output:
	// 1.5000
	// 2.2500
}
