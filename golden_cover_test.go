package thinnet

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// The golden tests of nodes and of regularize each take from a file the cases of
// the nodes that they know, and leave out the others. So that no case is left out
// by both, this reads their sources for the names they know.
func TestEveryGoldenCaseIsTested(t *testing.T) {
	known := map[string]bool{}
	for _, pkg := range []string{"nodes", "regularize"} {
		files, err := filepath.Glob(filepath.Join(pkg, "golden*_test.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("found %q (%v), want the golden tests of %s", files, err, pkg)
		}
		for _, file := range files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				for _, e := range nodeNames(n) {
					if name, err := strconv.Unquote(e.Value); err == nil {
						known[name] = true
					}
				}
				return true
			})
		}
	}
	for _, name := range []string{"nodes.json", "batch_norm.json", "attention.json", "regularize.json", "recurrent.json"} {
		text, err := os.ReadFile(filepath.Join("testdata", "golden", name))
		if err != nil {
			t.Fatal(err)
		}
		var file struct{ Cases []struct{ Name, Node string } }
		if err := json.Unmarshal(text, &file); err != nil {
			t.Fatal(err)
		}
		if len(file.Cases) == 0 {
			t.Errorf("%s has no cases", name)
		}
		for _, c := range file.Cases {
			if !known[c.Node] {
				t.Errorf("no golden test runs case %s of node %s of %s", c.Name, c.Node, name)
			}
		}
	}
}

// nodeNames returns the names in one piece of a golden test: the keys of a table
// of goldenNet, or what the Node of a case is compared with.
func nodeNames(n ast.Node) (out []*ast.BasicLit) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		table, isMap := n.Type.(*ast.MapType)
		if !isMap || !isIdent(table.Value, "goldenNet") {
			return nil
		}
		for _, e := range n.Elts {
			if key, ok := e.(*ast.KeyValueExpr).Key.(*ast.BasicLit); ok {
				out = append(out, key)
			}
		}
	case *ast.BinaryExpr:
		field, isField := n.X.(*ast.SelectorExpr)
		if value, ok := n.Y.(*ast.BasicLit); ok && isField && field.Sel.Name == "Node" {
			out = append(out, value)
		}
	}
	return out
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}
