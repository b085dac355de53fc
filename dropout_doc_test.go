package thinnet

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	code = regexp.MustCompile("`([^`\n]+)`")
	name = regexp.MustCompile(`^(?:(regularize|nodes|graph|models|train|export)\.)?([A-Z]\w*)`)
)

// What docs/dropout.md writes as code is the name of something: without a package, one
// of package regularize. And it has all nodes, rules and options of that package.
func TestDropoutGuideNamesWhatThereIs(t *testing.T) {
	named, known := map[string]bool{}, map[string]map[string]bool{}
	for _, c := range code.FindAllStringSubmatch(readFile(t, "docs/dropout.md"), -1) {
		m := name.FindStringSubmatch(c[1])
		if m == nil {
			continue // no name of ours
		}
		pkg := m[1]
		if pkg == "" {
			pkg = "regularize"
			named[m[2]] = true
		}
		if known[pkg] == nil {
			known[pkg] = exported(t, pkg)
		}
		if !known[pkg][m[2]] {
			t.Errorf("docs/dropout.md names %s.%s, which does not exist", pkg, m[2])
		}
	}
	for _, f := range slices.Sorted(maps.Keys(exported(t, "regularize"))) {
		if !named[f] {
			t.Errorf("docs/dropout.md does not name regularize.%s", f)
		}
	}
}

// A member has one row in each table: two would sooner or later contradict each other.
func TestDropoutGuideHasOneRowForEach(t *testing.T) {
	rows := map[string]bool{}
	for _, line := range strings.Split(readFile(t, "docs/dropout.md"), "\n") {
		first, isRow := strings.CutPrefix(line, "| ")
		if !isRow {
			clear(rows) // the next row is of another table
			continue
		}
		first, _, _ = strings.Cut(first, " |")
		if rows[first] {
			t.Errorf("docs/dropout.md has two rows for %s in one table", first)
		}
		rows[first] = true
	}
}

// All of package regularize, options and schedules too, has an example that runs.
func TestDropoutFamilyHasExamples(t *testing.T) {
	files, err := filepath.Glob("regularize/*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples (%v)", err)
	}
	var examples strings.Builder
	for _, path := range files {
		examples.WriteString(readFile(t, path))
	}
	for _, f := range slices.Sorted(maps.Keys(exported(t, "regularize"))) {
		if !strings.Contains(examples.String(), "func Example"+f+"()") {
			t.Errorf("there is no Example%s", f)
		}
	}
}

// exported returns the exported functions of a package.
func exported(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(dir + "/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s (%v)", dir, err)
	}
	out := map[string]bool{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, isFunc := d.(*ast.FuncDecl); isFunc && f.Recv == nil && f.Name.IsExported() {
				out[f.Name.Name] = true
			}
		}
	}
	return out
}
