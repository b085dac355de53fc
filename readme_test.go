package thinnet

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestREADMEShowsTheQuickstart(t *testing.T) {
	_, program, ok := strings.Cut(readFile(t, "examples/quickstart/main.go"), "package main")
	if !ok {
		t.Fatal("no package clause in the quickstart")
	}
	if !strings.Contains(readFile(t, "README.md"), "```go\npackage main"+program+"```") {
		t.Error("the program in README.md is not that of examples/quickstart/main.go; copy it there")
	}
}

// The README's table of nodes must name every exported function that declares
// one. "Conv1D/2D/3D" names three.
func TestREADMENamesEveryNode(t *testing.T) {
	readme := readFile(t, "README.md")
	for _, dir := range []string{"nodes", "regularize", "models"} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in %s (%v)", dir, err)
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
				f, isFunc := d.(*ast.FuncDecl)
				if !isFunc || f.Recv != nil || !f.Name.IsExported() || !declares(f) {
					continue
				}
				family := strings.TrimRight(f.Name.Name, "123D")
				if !strings.Contains(readme, f.Name.Name) && !strings.Contains(readme, family+"1D/2D") {
					t.Errorf("README.md does not name %s.%s", dir, f.Name.Name)
				}
			}
		}
	}
}

// declares says whether a function returns a node, a loss or a model.
func declares(f *ast.FuncDecl) bool {
	if f.Type.Results == nil || len(f.Type.Results.List) != 1 {
		return false
	}
	out := f.Type.Results.List[0].Type
	if star, ok := out.(*ast.StarExpr); ok {
		out = star.X
	}
	sel, ok := out.(*ast.SelectorExpr)
	return ok && (sel.Sel.Name == "Node" || sel.Sel.Name == "Loss" || sel.Sel.Name == "Func")
}

// Every direct dependency must say in the README what it is for.
func TestREADMENamesEveryDependency(t *testing.T) {
	for _, line := range strings.Split(readFile(t, "go.mod"), "\n") {
		path, _, isRequire := strings.Cut(strings.TrimSpace(line), " v")
		if !isRequire || strings.HasSuffix(line, "// indirect") {
			continue
		}
		if !strings.Contains(readFile(t, "README.md"), "`"+path+"`") {
			t.Errorf("README.md does not say what %s is for", path)
		}
	}
}
