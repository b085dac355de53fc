package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/config"
)

// notHere are functions of package models without a name or key in a config.
var notHere = map[string]string{
	"AWDLSTM": "a language model", "EmbeddingSize": "of it", "WordDropout": "of it", "WeightDrop": "of it", "ActivationPenalties": "of it",
	"UNet":       "no classifier",
	"WeightInit": "takes a function",
}

// The models and options of a config are those of package models.
func TestModelsAreThoseOfThePackage(t *testing.T) {
	keys, names := map[string]bool{}, map[string]bool{}
	for _, k := range modelKeys {
		keys[k.Key] = true
	}
	for _, r := range readyModels {
		names[r.name] = true
	}
	files, err := filepath.Glob("../../models/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() || notHere[f.Name.Name] != "" {
				continue
			}
			name := f.Name.Name
			if _, isOption := f.Type.Results.List[0].Type.(*ast.Ident); isOption && !keys[snake(name)] || !isOption && !names[name] {
				t.Errorf("models.%s has no place in a config; give it one, or a reason in notHere", name)
			}
		}
	}
}

var words = regexp.MustCompile(`[A-Z]+[a-z]+|[A-Z]+$`)

// snake is CIFARHead as cifar_head.
func snake(name string) string {
	name = strings.Replace(name, "CIFAR", "Cifar", 1)
	return strings.ToLower(strings.Join(words.FindAllString(name, -1), "_"))
}

// Every model takes every key that it says it takes.
func TestEveryKeyOfEveryModel(t *testing.T) {
	if testing.Short() {
		t.Skip("builds large models")
	}
	shapes := map[string]graph.Shape{"SeriesCNN": {2, 64}, "LSTMClassifier": {5, 3}, "LeNet5Original": {1, 32, 32}}
	sizes := map[string]string{"VGG": ", depth: 11", "ResNet": ", depth: 18", "CIFARResNet": ", depth: 8", "WideResNet": ", depth: 10, k: 1"}
	values := map[string]string{"channels": "[2, 2, 2, 2, 2]", "dropout_rates": "", "hidden": "[3, 4]", "units": "Tanh", "dense": "3", "drop_with": "{name: GaussianDropout, p: 0.3}", "map_drop_with": "{name: WeightedChannelDropout, p: 0.3}"}
	onSeries := map[string]string{"map_drop_with": "SpatialDropout1D"}
	blocks := map[string]string{"CIFARResNet": "[2, 2, 4]", "ResNet": "[2, 2, 2, 2]", "PlainCNN": "[2, 2]", "ClassicCNN": "[2, 2]", "DropoutCNN": "[2, 2]"}
	small := map[string]string{"VGG": ", cifar_head: true, hidden: [2, 2]", "DropoutCNN": ", hidden: [2]"}
	for _, r := range readyModels {
		shape, ok := shapes[r.name]
		if !ok {
			shape = graph.Shape{1, 32, 32}
		}
		for _, k := range r.spec().(*modelSpec).taken {
			value, ok := values[k.Key]
			switch {
			case k.Key == "channels" && blocks[r.name] != "":
				value = blocks[r.name]
			case r.name == "SeriesCNN" && onSeries[k.Key] != "":
				value = onSeries[k.Key]
			case k.of.Kind() == reflect.Bool:
				value = "true"
			case !ok:
				value = "0.5"
			}
			text := "data: Digits\nmodel: {name: " + r.name + sizes[r.name]
			if value != "" {
				text += ", " + k.Key + ": " + value
			}
			for _, more := range []string{small[r.name], ", channels: " + blocks[r.name]} {
				if key := strings.TrimPrefix(more, ", "); !strings.Contains(more, k.Key+":") && !strings.HasSuffix(key, ": ") {
					text += more
				}
			}
			tree, err := config.Parse("f", []byte(text+"}\n"))
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			s, err := newSettings("f", tree, nil)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			if _, err := s.build(shape, 3, 2); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

// Every member of the family that may be named stands in a model.
func TestEveryDropWith(t *testing.T) {
	for _, o := range (dropWith{}).Options() {
		model, shape := "{name: PlainCNN, channels: [2], map_drop_with: {name: "+o.Name+"}}", graph.Shape{1, 16, 16}
		if strings.HasSuffix(o.Name, "1D") {
			model, shape = strings.Replace(model, "PlainCNN", "SeriesCNN", 1), graph.Shape{2, 16}
		}
		if o.Name == "LockedDropout" { // of series (N, T, F)
			model, shape = "{name: LSTMClassifier, hidden: [2], drop_with: LockedDropout}", graph.Shape{5, 3}
		}
		tree, err := config.Parse("f", []byte("data: Digits\nmodel: "+model))
		if err != nil {
			t.Fatal(err)
		}
		s, err := newSettings("f", tree, nil)
		if err != nil {
			t.Errorf("%s: %v", o.Name, err)
			continue
		}
		m, err := s.build(shape, 3, 2)
		if err != nil {
			t.Errorf("%s: %v", o.Name, err)
			continue
		}
		layers, err := m.Layers()
		if err != nil || !slices.ContainsFunc(layers, func(l graph.Layer) bool {
			return strings.HasPrefix(l.Node, strings.TrimRight(o.Name, "12D"))
		}) {
			t.Errorf("%s is not among the layers %v (%v)", o.Name, layers, err)
		}
	}
}
