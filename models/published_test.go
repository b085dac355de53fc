package models_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
)

func parameters(m *graph.Model) (n int) {
	for _, w := range m.Weights() {
		if w.Trainable {
			n += w.Value.Shape().TotalSize()
		}
	}
	return n
}

// atWidth64 returns the number of parameters of a network of width 64, from those of
// widths 1, 2 and 3, which take less time to draw: it is a polynomial of degree 2.
func atWidth64(t *testing.T, net func(width int) graph.Func) int {
	t.Helper()
	count := func(width int) int { return parameters(build(t, net(width), 1, 3, 32, 32)) }
	p1, p2, p3 := count(1), count(2), count(3)
	const u = 64
	return ((u-2)*(u-3)*p1-2*(u-1)*(u-3)*p2)/2 + (u-1)*(u-2)*p3/2
}

// The published numbers.
func TestParametersOfVGG(t *testing.T) {
	for _, c := range []struct {
		name  string
		depth int
		opts  []models.VGGOption
		want  int
	}{
		{"11", 11, nil, 132_863_336},
		{"11 with norm", 11, []models.VGGOption{models.BatchNorm()}, 132_868_840},
		{"13", 13, nil, 133_047_848},
		{"13 with norm", 13, []models.VGGOption{models.BatchNorm()}, 133_053_736},
		{"16", 16, nil, 138_357_544},
		{"16 with norm", 16, []models.VGGOption{models.BatchNorm()}, 138_365_992},
		{"19", 19, nil, 143_667_240},
		{"19 with norm", 19, []models.VGGOption{models.BatchNorm()}, 143_678_248},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := atWidth64(t, func(u int) graph.Func {
				narrow := []models.VGGOption{models.Channels(u, 2*u, 4*u, 8*u, 8*u), models.Hidden(64*u, 64*u)}
				return models.VGG(c.depth, 1000, append(narrow, c.opts...)...)
			})
			if got != c.want {
				t.Errorf("got %d parameters, want %d", got, c.want)
			}
		})
	}
}

func TestParametersOfResNet(t *testing.T) {
	for _, c := range []struct{ depth, want int }{
		{18, 11_689_512}, {34, 21_797_672}, {50, 25_557_032}, {101, 44_549_160}, {152, 60_192_808},
	} {
		got := atWidth64(t, func(u int) graph.Func {
			return models.ResNet(c.depth, 1000, models.Channels(u, 2*u, 4*u, 8*u))
		})
		if got != c.want {
			t.Errorf("%d layers: got %d parameters, want %d", c.depth, got, c.want)
		}
	}
}

// The convolutions have as many as in the paper, with a norm in the place of biases; images are of
// three channels here, not one.
func TestParametersOfUNet(t *testing.T) {
	got := atWidth64(t, func(u int) graph.Func { return models.UNet(1, models.Channels(u, 2*u, 4*u, 8*u, 16*u)) })
	if want := 31_036_481 + 2*64*9; got != want {
		t.Errorf("got %d parameters, want %d", got, want)
	}
}

// Without Channels the widths are those of the papers.
func TestDefaultWidths(t *testing.T) {
	if got, want := parameters(build(t, models.ResNet(18, 1000), 1, 3, 32, 32)), 11_689_512; got != want {
		t.Errorf("ResNet of 18 layers: got %d parameters, want %d", got, want)
	}
	const features, head = 9_220_480, 512*512 + 512 + 512*512 + 512 + 512*10 + 10
	if got := parameters(build(t, models.VGG(11, 10, models.CIFARHead()), 1, 3, 32, 32)); got != features+head {
		t.Errorf("VGG of 11 layers for CIFAR: got %d parameters, want %d", got, features+head)
	}
	if testing.Short() {
		return
	}
	const awd = 1000*400 + 7_139_200 + 10_589_200 + 2_483_200 + 1000
	if got := parameters(build(t, models.AWDLSTM(1000), 1, 1)); got != awd {
		t.Errorf("AWDLSTM of 1000 words: got %d parameters, want %d", got, awd)
	}
	const narrow = 3*9 + 1 + 7*(9+1) + 49*4096 + 4096 + 4096*4096 + 4096 + 4096 + 1
	if got := parameters(build(t, models.VGG(11, 1, models.Channels(1, 1, 1, 1, 1)), 1, 3, 32, 32)); got != narrow {
		t.Errorf("VGG of 11 layers of 1 channel: got %d parameters, want %d", got, narrow)
	}
}

func TestParametersOfCIFARResNet(t *testing.T) {
	for _, c := range []struct{ depth, want, projected int }{
		{20, 269_722, 272_474}, {32, 464_154, 466_906}, {44, 658_586, 661_338}, {56, 853_018, 855_770}, {110, 1_727_962, 1_730_714},
	} {
		if got := parameters(build(t, models.CIFARResNet(c.depth, 10), 1, 3, 8, 8)); got != c.want {
			t.Errorf("%d layers: got %d parameters, want %d", c.depth, got, c.want)
		}
		if got := parameters(build(t, models.CIFARResNet(c.depth, 10, models.Projection()), 1, 3, 8, 8)); got != c.projected {
			t.Errorf("%d layers with projections: got %d parameters, want %d", c.depth, got, c.projected)
		}
	}
}

// The numbers that the papers print, in full: there 36.5, 11.0, 8.9 and 0.6 million
// for Wide ResNet.
func TestParametersOfWideResNet(t *testing.T) {
	for _, c := range []struct{ depth, k, want int }{{28, 10, 36_479_194}, {16, 8, 10_961_370}, {40, 4, 8_949_210}, {40, 1, 563_930}, {16, 2, 691_674}} {
		// Of degree 2 in k: the first convolution has 16 channels for every k.
		count := func(k int) int { return parameters(build(t, models.WideResNet(c.depth, k, 10), 1, 3, 8, 8)) }
		p2, p3, p4 := count(2), count(3), count(4)
		u := c.k
		got := ((u-3)*(u-4)*p2-2*(u-2)*(u-4)*p3)/2 + (u-2)*(u-3)*p4/2
		if c.k == 1 { // which has no shortcut in the first block
			got = count(1)
		}
		if got != c.want {
			t.Errorf("WRN-%d-%d: got %d parameters, want %d", c.depth, c.k, got, c.want)
		}
	}
}

// torchvision's names, spelt out where it counts layers in its own way.
func TestNamesOfTorchvision(t *testing.T) {
	for _, c := range []struct {
		name string
		f    graph.Func
		want []string // of the weights, without biases and norms
	}{
		{"vgg11", models.VGG(11, 10, models.Channels(1, 1, 1, 1, 1), models.Hidden(2, 2)), []string{
			"features.0.weight", "features.3.weight", "features.6.weight", "features.8.weight", "features.11.weight",
			"features.13.weight", "features.16.weight", "features.18.weight",
			"classifier.0.weight", "classifier.3.weight", "classifier.6.weight",
		}},
		{"vgg11_bn", models.VGG(11, 10, models.Channels(1, 1, 1, 1, 1), models.Hidden(2, 2), models.BatchNorm()), []string{
			"features.0.weight", "features.4.weight", "features.8.weight", "features.11.weight", "features.15.weight",
			"features.18.weight", "features.22.weight", "features.25.weight",
			"classifier.0.weight", "classifier.3.weight", "classifier.6.weight",
		}},
		{"resnet18", models.ResNet(18, 10, models.Channels(1, 2, 2, 2)), []string{
			"conv1.weight",
			"layer1.0.conv1.weight", "layer1.0.conv2.weight", "layer1.1.conv1.weight", "layer1.1.conv2.weight",
			"layer2.0.conv1.weight", "layer2.0.conv2.weight", "layer2.0.downsample.0.weight", "layer2.1.conv1.weight", "layer2.1.conv2.weight",
			"layer3.0.conv1.weight", "layer3.0.conv2.weight", "layer3.0.downsample.0.weight", "layer3.1.conv1.weight", "layer3.1.conv2.weight",
			"layer4.0.conv1.weight", "layer4.0.conv2.weight", "layer4.0.downsample.0.weight", "layer4.1.conv1.weight", "layer4.1.conv2.weight",
			"fc.weight",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, w := range build(t, c.f, 2, 3, 32, 32).Weights() {
				if w.Value.Shape().Dims() > 1 {
					got = append(got, w.Name)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got weights\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}
