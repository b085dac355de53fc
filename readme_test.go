package thinnet

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
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

// Go code below the program is that of an example, which is run.
func TestREADMEShowsExamples(t *testing.T) {
	var examples strings.Builder
	files, err := filepath.Glob("*/*example*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples (%v)", err)
	}
	for _, path := range files {
		examples.WriteString(strings.ReplaceAll(readFile(t, path), "\t", ""))
	}
	for _, block := range strings.Split(readFile(t, "README.md"), "```go\n")[2:] {
		block, _, _ = strings.Cut(block, "```")
		if !strings.Contains(examples.String(), strings.ReplaceAll(block, "\t", "")) {
			t.Errorf("README.md shows code that is in no example:\n%s", block)
		}
	}
}

// The README's tables must name as code every exported function that declares a node,
// and all those of package regularize. "Conv1D/2D/3D" names three.
func TestREADMENamesEveryNode(t *testing.T) {
	named := map[string]bool{}
	for _, c := range code.FindAllStringSubmatch(readFile(t, "README.md"), -1) {
		for _, word := range regexp.MustCompile(`\w+`).FindAllString(strings.ReplaceAll(c[1], "1D/2D", "nD"), -1) {
			named[word] = true
		}
	}
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
				if !isFunc || f.Recv != nil || !f.Name.IsExported() || dir != "regularize" && !declares(f) {
					continue
				}
				family := strings.TrimRight(f.Name.Name, "123D")
				if !named[f.Name.Name] && !named[family+"nD"] {
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
