package thinnet

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/thinnet/thinnet/"

// kernels stands for the packages below internal/kernel, families of kernels and
// what they share. Which of them needs which is theirs to settle.
const kernels = "internal/kernel/..."

// convlast builds on the kernels, and package kernel does not know it.
const convlast = "internal/kernel/convlast"

// allowed lists for every package what it may import of this module. Data flows
// one way: a package not listed here, or an import not listed for it, fails.
var allowed = map[string][]string{
	"internal/philox":        {},
	"internal/atomicfile":    {},
	"internal/guard":         {},
	"internal/unpack":        {},
	"internal/names":         {},
	"internal/config":        {"internal/guard"},
	"internal/dashboard":     {},
	"internal/onnxpb":        {},
	"internal/onnxgraph":     {"internal/onnxpb"},
	"internal/onnxtest":      {"graph", "graph/graphtest", "internal/onnxpb", "onnx"},
	"internal/kernel":        {"internal/philox", kernels},
	kernels:                  {"internal/philox", kernels},
	convlast:                 {"internal/kernel", kernels},
	"graph":                  {"internal/cuda", "internal/guard", "internal/names", "internal/onnxgraph", "internal/kernel", kernels, "internal/philox"},
	"graph/graphtest":        {"graph", "internal/cuda", "internal/cuda/cudatest", "internal/kernel", "internal/philox"},
	"nodes":                  {"graph", "internal/cuda", "internal/guard", "internal/kernel", kernels, convlast, "internal/onnxgraph", "internal/philox"},
	"regularize":             {"graph", "nodes", "internal/cuda", "internal/guard", "internal/kernel", kernels, "internal/onnxgraph", "internal/philox"},
	"models":                 {"graph", "nodes", "regularize"},
	"internal/cuda":          {"internal/cuda/kernels"},
	"internal/cuda/kernels":  {},
	"internal/cuda/cudatest": {"internal/cuda"},
	"internal/half":          {},
	"export":                 {"graph", "internal/half", "internal/atomicfile", "internal/guard", "internal/unpack"},
	"onnx":                   {"graph", "internal/atomicfile", "internal/guard", "internal/onnxgraph", "internal/onnximport", "internal/onnxpb"},
	"internal/onnximport":    {"graph", "nodes", "regularize", "internal/atomicfile", "internal/half", "internal/kernel", "internal/onnxgraph", "internal/onnxpb"},
	"examples/exchange":      {"graph", "models", "export"},
	"examples/imbalanced":    {"graph", "nodes", "models", "train"},
	"examples/onnx":          {"graph", "nodes", "models", "train", "onnx"},
	"deploy":                 {"graph", "export", "onnx", "internal/onnximport", "internal/onnxpb", "internal/atomicfile", "internal/guard", "internal/kernel"},
	"deploy/batching":        {"internal/guard"},
	"internal/eventtest":     {},
	"internal/pictures":      {"graph"},
	"tensorboard":            {"graph"},
	"internal/plots":         {"internal/atomicfile"},
	"search":                 {"internal/atomicfile", "internal/guard", "internal/plots"},
	"examples/search":        {"graph", "nodes", "models", "train", "search"},
	"train":                  {"internal/plots", "graph", "internal/cuda", "nodes", "export", "tensorboard", "internal/atomicfile", "internal/dashboard", "internal/guard", "internal/kernel", kernels, "internal/names", "internal/philox", "internal/pictures", "internal/unpack"},
	"report":                 {"graph", "nodes", "train", "internal/atomicfile", "internal/guard", kernels, "internal/pictures"},
	"examples/quickstart":    {"graph", "nodes", "regularize", "models", "train", "export"},
	"examples/dashboard":     {"graph", "nodes", "models", "train"},
	"examples/digits":        {"graph", "nodes", "regularize", "models", "train", "export", "report"},
	"examples/dropout-study": {"graph", "nodes", "models", "train"},
	"examples/resume":        {"graph", "nodes", "models", "train", "export"},
	"examples/averaging":     {"graph", "nodes", "train"},
	"examples/serve":         {"graph", "nodes", "models", "train", "deploy", "deploy/batching"},
	"examples/papers":        {"graph", "nodes", "regularize", "models", "train", "export"},
	"bench/gemm":             {kernels},
	"cmd/thinnet":            {"graph", "nodes", "regularize", "models", "train", "export", "onnx", "deploy", "report", "internal/atomicfile", "internal/config", "internal/onnxpb"},
	"cmd/bench": {"graph", "nodes", "regularize", "models", "train", "export",
		"internal/kernel", kernels, convlast, "internal/philox"},
}

// Only these packages know Gorgonia; the others see nodes and tensors.
var knowsGorgonia = map[string]bool{"graph": true, "graph/graphtest": true, "train": true, "cmd/bench": true}

func TestImportsGoDown(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), "_") {
			return fs.SkipDir // a module of its own: the generators of assembly
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := place(filepath.ToSlash(filepath.Dir(path)))
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if name == "gorgonia.org/gorgonia" && !knowsGorgonia[pkg] {
				t.Errorf("%s imports Gorgonia; only %v may", path, knowsGorgonia)
			}
			if ours, ok := strings.CutPrefix(name, module); ok {
				check(t, path, pkg, place(ours))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func place(pkg string) string {
	if strings.HasPrefix(pkg, "internal/kernel/") && pkg != convlast {
		return kernels
	}
	return pkg
}

func check(t *testing.T, path, pkg, imported string) {
	t.Helper()
	list, known := allowed[pkg]
	if !known {
		t.Errorf("%s: package %s has no place in the layout; give it one in allowed", path, pkg)
	}
	for _, ok := range list {
		if imported == ok {
			return
		}
	}
	t.Errorf("%s imports %s; %s may import %v only", path, imported, pkg, list)
}
