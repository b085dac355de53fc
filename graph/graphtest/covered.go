package graphtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Covered parses the package in dir and reports every exported function that
// returns a *graph.Node or a graph.Loss and is named by no case, unless it is
// listed in except. Names in cases or except that are not such functions are
// reported too.
func Covered(t testing.TB, dir string, cases []Case, except ...string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Errorf("listing %s: %v", dir, err)
		return
	}
	functions := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("parsing the package: %v", err)
			return
		}
		for _, name := range nodeFunctions(f) {
			functions[name] = true
		}
	}
	if len(functions) == 0 {
		t.Errorf("no function in %s returns a node, want the folder of a package of nodes", dir)
	}
	rows := map[string]bool{}
	for _, c := range cases {
		rows[c.Node] = true
	}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		if !functions[name] {
			t.Errorf("a case names %q, which is no exported function of %s that returns a node", name, dir)
		}
	}
	for _, name := range except {
		if rows[name] || !functions[name] {
			t.Errorf("except names %q, want an exported function of %s that returns a node and has no case", name, dir)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		if !rows[name] && !slices.Contains(except, name) {
			t.Errorf("%s has no case: its gradient is unchecked", name)
		}
	}
}

// nodeFunctions returns the exported functions of f that return a *graph.Node
// or a graph.Loss.
func nodeFunctions(f *ast.File) []string {
	pkg := graphName(f)
	var out []string
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv != nil || !fn.Name.IsExported() || fn.Type.Results == nil {
			continue
		}
		if slices.ContainsFunc(fn.Type.Results.List, func(r *ast.Field) bool {
			if star, pointer := r.Type.(*ast.StarExpr); pointer {
				return isSelector(star.X, pkg, "Node")
			}
			return isSelector(r.Type, pkg, "Loss")
		}) {
			out = append(out, fn.Name.Name)
		}
	}
	return out
}

// graphName returns the name under which f imports package graph.
func graphName(f *ast.File) string {
	for _, spec := range f.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil || path.Base(name) != "graph" {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
	}
	return "graph"
}

func isSelector(e ast.Expr, pkg, name string) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != name {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == pkg
}
