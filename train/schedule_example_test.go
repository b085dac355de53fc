package train_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/train"
)

// printRates shows the rates of the first n steps, in epochs of 4, from 0.1.
func printRates(s train.Schedule, n int) {
	for step := range n {
		lr, err := s(0.1, train.Progress{Step: step, StepsPerEpoch: 4})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.4f ", lr)
	}
	fmt.Println()
}

func ExampleConstant() {
	printRates(train.Constant(), 3)
	// Output: 0.1000 0.1000 0.1000
}

func ExampleStepLR() {
	printRates(train.StepLR(train.InSteps(2), 0.5), 6)
	// Output: 0.1000 0.1000 0.0500 0.0500 0.0250 0.0250
}

func ExampleExponential() {
	printRates(train.Exponential(train.InEpochs(1), 0.5), 9)
	// Output: 0.1000 0.0841 0.0707 0.0595 0.0500 0.0420 0.0354 0.0297 0.0250
}

func ExampleLinearDecay() {
	printRates(train.LinearDecay(train.InSteps(4)), 6)
	// Output: 0.1000 0.0750 0.0500 0.0250 0.0000 0.0000
}

func ExampleCosine() {
	printRates(train.Cosine(train.InSteps(4), 0.01), 6)
	// Output: 0.1000 0.0868 0.0550 0.0232 0.0100 0.0100
}

func ExampleOneCycle() {
	printRates(train.OneCycle(train.InEpochs(2), train.PctStart(0.5)), 8)
	// Output: 0.0040 0.0280 0.0760 0.1000 0.0854 0.0500 0.0146 0.0000
}

func ExampleWarmup() {
	printRates(train.Warmup(train.InSteps(4), train.LinearDecay(train.InSteps(4))), 9)
	// Output: 0.0250 0.0500 0.0750 0.1000 0.1000 0.0750 0.0500 0.0250 0.0000
}

func ExamplePerEpoch() {
	printRates(train.PerEpoch(train.LinearDecay(train.InEpochs(2))), 9)
	// Output: 0.1000 0.1000 0.1000 0.1000 0.0500 0.0500 0.0500 0.0500 0.0000
}

func ExampleReduceOnPlateau() {
	s := train.ReduceOnPlateau(train.Factor(0.5), train.Patience(1))
	losses := []float64{2, 1, 1.1, 1.2, 0.9}
	for epoch := range losses {
		lr, err := s(0.1, train.Progress{Metrics: losses[:epoch+1]})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("loss %.1f: rate %.2f\n", losses[epoch], lr)
	}
	// Output:
	// loss 2.0: rate 0.10
	// loss 1.0: rate 0.10
	// loss 1.1: rate 0.10
	// loss 1.2: rate 0.05
	// loss 0.9: rate 0.05
}

// Any function of this type is a Schedule.
func ExampleSchedule() {
	inverse := func(base float64, at train.Progress) (float64, error) {
		return base / float64(1+at.Step), nil
	}
	printRates(train.Warmup(train.InSteps(2), inverse), 5)
	// Output: 0.0500 0.1000 0.1000 0.0500 0.0333
}
