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
// returns a *graph.Node, a struct of the package that has one, or a graph.Loss, and
// is named by no case, unless it is listed in except. Names in cases or except that are not such functions are
// reported too.
func Covered(t testing.TB, dir string, cases []Case, except ...string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Errorf("listing %s: %v", dir, err)
		return
	}
	var parsed []*ast.File
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("parsing the package: %v", err)
			return
		}
		parsed = append(parsed, f)
	}
	functions := nodeFunctions(parsed)
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
			t.Errorf("%s has no case", name)
		}
	}
}

// nodeFunctions returns the exported functions of a package that return a node, a
// struct of the package that has one, or a graph.Loss.
func nodeFunctions(files []*ast.File) map[string]bool {
	structs := nodeStructs(files)
	functions := map[string]bool{}
	for _, f := range files {
		pkg := graphName(f)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !fn.Name.IsExported() || fn.Type.Results == nil {
				continue
			}
			if slices.ContainsFunc(fn.Type.Results.List, func(r *ast.Field) bool {
				name, local := dereferenced(r.Type).(*ast.Ident)
				return isNode(r.Type, pkg) || isSelector(r.Type, pkg, "Loss") || local && structs[name.Name]
			}) {
				functions[fn.Name.Name] = true
			}
		}
	}
	return functions
}

// nodeStructs returns the names of the structs of a package that have a field which
// is a node.
func nodeStructs(files []*ast.File) map[string]bool {
	structs := map[string]bool{}
	for _, f := range files {
		pkg := graphName(f)
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if body, ok := spec.Type.(*ast.StructType); ok && slices.ContainsFunc(body.Fields.List, func(field *ast.Field) bool {
					return isNode(field.Type, pkg)
				}) {
					structs[spec.Name.Name] = true
				}
			}
			return true
		})
	}
	return structs
}

// isNode says whether e is *graph.Node.
func isNode(e ast.Expr, pkg string) bool {
	return dereferenced(e) != e && isSelector(dereferenced(e), pkg, "Node")
}

// dereferenced is what a pointer type points to, or a type that is none.
func dereferenced(e ast.Expr) ast.Expr {
	if star, pointer := e.(*ast.StarExpr); pointer {
		return star.X
	}
	return e
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
