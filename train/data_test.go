package train

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gorgonia.org/tensor"
)

// Real files are looked for where THINNET_DATA says: MNIST in mnist,
// Fashion-MNIST in fashion-mnist, CIFAR-10 in cifar10, as their authors pack
// them. They are too large to keep here.
func dataDir(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("THINNET_DATA")
	if root == "" {
		t.Skip("THINNET_DATA is not set: want the folder that holds " + name)
	}
	return filepath.Join(root, name)
}

func TestRealMNIST(t *testing.T) {
	for _, c := range []struct {
		name        string
		train, test []int   // first labels
		mean, std   float64 // of the training set, as in PyTorch's examples
	}{
		{"mnist", []int{5, 0, 4, 1, 9, 2, 1, 3, 1, 4}, []int{7, 2, 1, 0, 4}, 0.1307, 0.3081},
		{"fashion-mnist", []int{9, 0, 0, 3, 0}, []int{9, 2, 1, 1, 6}, 0.2860, 0.3530},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := dataDir(t, c.name)
			train, err := OpenMNIST(dir, true)
			if err != nil {
				t.Fatal(err)
			}
			test, err := OpenMNIST(dir, false)
			if err != nil {
				t.Fatal(err)
			}
			wantLabels(t, train, 60000, c.train)
			wantLabels(t, test, 10000, c.test)
			x := batchX(t, train)
			if want := (tensor.Shape{60000, 1, 28, 28}); !x.Shape().Eq(want) {
				t.Errorf("x has shape %v, want %v", x.Shape(), want)
			}
			mean, std := moments(x.Data().([]float32))
			if math.Abs(mean-c.mean) > 5e-5 || math.Abs(std-c.std) > 5e-5 { // published to four places
				t.Errorf("mean and deviation are %.5f, %.5f, want %.4f, %.4f ± 5e-5", mean, std, c.mean, c.std)
			}
		})
	}
}

// The counts of the classes are those of the Python version of the files. A file
// in part says so in its name.
func TestRealCIFAR10(t *testing.T) {
	for _, c := range []struct {
		name   string
		counts [10]int
		first  []int
	}{
		{"data_batch_1.bin", [10]int{1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981}, []int{6, 9, 9, 4, 1}}, // frog, truck, truck, deer, automobile
		{"test_batch_first1000.bin", [10]int{103, 89, 100, 103, 90, 86, 112, 102, 106, 109}, []int{3, 8, 8, 0, 6}},  // cat, ship, ship, airplane, frog
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := dataDir(t, "cifar10")
			files, err := filepath.Glob(filepath.Join(dir, c.name+"*"))
			if err != nil || len(files) != 1 {
				t.Fatalf("found %q (%v) in %s, want %s or %[4]s.gz", files, err, dir, c.name)
			}
			ds, err := OpenCIFAR10(files...)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, count := range c.counts {
				n += count
			}
			wantLabels(t, ds, n, c.first)
			var counts [10]int
			for _, label := range targets(t, ds) {
				counts[label]++
			}
			if counts != c.counts {
				t.Errorf("class counts are %v, want %v", counts, c.counts)
			}
			x := batchX(t, ds)
			if want := (tensor.Shape{n, 3, 32, 32}); !x.Shape().Eq(want) {
				t.Errorf("x has shape %v, want %v", x.Shape(), want)
			}
		})
	}
}

func wantLabels(t *testing.T, ds Dataset, n int, first []int) {
	t.Helper()
	if ds.Len() != n {
		t.Fatalf("Len() = %d, want %d", ds.Len(), n)
	}
	if got := targets(t, Head(ds, len(first))); !slices.Equal(got, first) {
		t.Errorf("first labels are %v, want %v", got, first)
	}
}

func moments(data []float32) (mean, std float64) {
	for _, v := range data {
		mean += float64(v) / float64(len(data))
	}
	for _, v := range data {
		std += (float64(v) - mean) * (float64(v) - mean) / float64(len(data))
	}
	return mean, math.Sqrt(std)
}
