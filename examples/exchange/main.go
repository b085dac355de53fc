// Exchange shows what is in a file of weights, and loads it into a model, whatever wrote it:
// safetensors, PyTorch's .pt and .pth, NumPy's .npz. Without a file it writes two, and loads
// them again under other names.
//
//	go run ./examples/exchange
//	go run ./examples/exchange resnet18.pth
//	go run ./examples/exchange -model vgg16 -under state_dict. -rename head=classifier.6 vgg16.pt
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
)

// known are the models that weights may be of.
var known = map[string]struct {
	net   graph.Func
	shape graph.Shape
}{
	"lenet5":   {models.LeNet5(10), graph.Shape{1, 1, 28, 28}},
	"resnet18": {models.ResNet(18, 1000), graph.Shape{1, 3, 224, 224}},
	"resnet50": {models.ResNet(50, 1000), graph.Shape{1, 3, 224, 224}},
	"vgg16":    {models.VGG(16, 1000), graph.Shape{1, 3, 224, 224}},
}

func main() {
	model := flag.String("model", "", "lenet5, resnet18, resnet50 or vgg16, to load the file into; empty to show what is in it")
	under := flag.String("under", "", "what the names of the weights begin with, such as state_dict.")
	rename := flag.String("rename", "", "names of the file and of the model: OLD=NEW,OLD=NEW")
	flag.Parse()
	var err error
	switch flag.NArg() {
	case 0:
		err = thereAndBack()
	case 1:
		err = read(flag.Arg(0), *model, *under, *rename)
	default:
		log.Fatal("want one file")
	}
	if err != nil {
		log.Fatal(err)
	}
}

func read(path, model, under, rename string) error {
	load, show := export.LoadSafetensors, func(path string) ([]export.Tensor, error) {
		ts, _, err := export.ReadSafetensors(path)
		return ts, err
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".pt", ".pth", ".bin":
		load, show = export.LoadPyTorch, export.ReadPyTorch
	case ".npz":
		load, show = export.LoadNPZ, export.ReadNPZ
	}
	if model == "" {
		ts, err := show(path)
		if err != nil {
			return err
		}
		for _, t := range ts {
			fmt.Printf("%-40s %-8v %v\n", t.Name, t.Value.Dtype(), t.Value.Shape())
		}
		return nil
	}
	of, ok := known[model]
	if !ok {
		return fmt.Errorf("the model is %q, want lenet5, resnet18, resnet50 or vgg16", model)
	}
	m, err := graph.Build(of.net, of.shape)
	if err != nil {
		return err
	}
	var loaded export.Loaded
	opts := []export.LoadOption{export.Report(&loaded)}
	if under != "" {
		opts = append(opts, export.Under(under))
	}
	if rename != "" {
		names := map[string]string{}
		for _, pair := range strings.Split(rename, ",") {
			old, name, ok := strings.Cut(pair, "=")
			if !ok {
				return fmt.Errorf("-rename has %q, want OLD=NEW", pair)
			}
			names[old] = name
		}
		opts = append(opts, export.RenameTable(names))
	}
	if err := load(m, path, opts...); err != nil {
		return err
	}
	fmt.Printf("%d weights of %s are those of %s\n", len(loaded.Names), model, path)
	return nil
}

// thereAndBack writes the weights of a model, and loads them where they are called otherwise.
func thereAndBack() error {
	dir, err := os.MkdirTemp("", "exchange")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	m, err := graph.Build(known["lenet5"].net, known["lenet5"].shape, graph.Seed(1))
	if err != nil {
		return err
	}
	safe, npz := filepath.Join(dir, "lenet5.safetensors"), filepath.Join(dir, "lenet5.npz")
	if err := export.SaveSafetensors(m, safe); err != nil {
		return err
	}
	if err := export.SaveNPZ(m, npz); err != nil {
		return err
	}
	if err := read(safe, "", "", ""); err != nil {
		return err
	}
	if err := read(npz, "lenet5", "", ""); err != nil {
		return err
	}
	// A model whose last layer is called otherwise.
	other, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return known["lenet5"].net(s.In("body"), x)
	}, known["lenet5"].shape)
	if err != nil {
		return err
	}
	return export.LoadSafetensors(other, safe, export.Rename(func(name string) string { return "body." + name }))
}
