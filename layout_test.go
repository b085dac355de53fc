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

// allowed lists for every package what it may import of this module. Data flows
// one way: a package not listed here, or an import not listed for it, fails.
var allowed = map[string][]string{
	"internal/philox":     {},
	"internal/atomicfile": {},
	"internal/guard":      {},
	"internal/kernel":     {"internal/philox"},
	"graph":               {"internal/guard", "internal/kernel", "internal/philox"},
	"graph/graphtest":     {"graph", "internal/kernel", "internal/philox"},
	"nodes":               {"graph", "internal/kernel"},
	"regularize":          {"graph", "nodes", "internal/kernel", "internal/philox"},
	"models":              {"graph", "nodes", "regularize"},
	"export":              {"graph", "internal/atomicfile", "internal/guard"},
	"train":               {"graph", "nodes", "export", "internal/atomicfile", "internal/guard", "internal/kernel", "internal/philox"},
	"examples/quickstart": {"graph", "nodes", "regularize", "models", "train", "export"},
	"examples/digits":     {"graph", "nodes", "regularize", "models", "train", "export"},
}

// Only these packages know Gorgonia; the others see nodes and tensors.
var knowsGorgonia = map[string]bool{"graph": true, "graph/graphtest": true, "train": true}

func TestImportsGoDown(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if name == "gorgonia.org/gorgonia" && !knowsGorgonia[pkg] {
				t.Errorf("%s imports Gorgonia; only %v may", path, knowsGorgonia)
			}
			if ours, ok := strings.CutPrefix(name, module); ok {
				check(t, path, pkg, ours)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
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
