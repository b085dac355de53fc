package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/internal/config"
)

var update = flag.Bool("update", false, "write the reference of keys to docs/command.md")

// The keys in docs/command.md are those that are read: go test ./cmd/thinnet -run Reference -update
func TestReference(t *testing.T) {
	const path = "../../docs/command.md"
	const begin, end = "<!-- keys: begin -->\n", "<!-- keys: end -->"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), begin)
	old, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for keys, want it between %q and %q", path, begin, end)
	}
	want := config.Reference("A config", &file{})
	if old == want {
		return
	}
	if !*update {
		t.Fatalf("%s is of other keys; write them anew by go test ./cmd/thinnet -run Reference -update", path)
	}
	if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o666); err != nil {
		t.Fatal(err)
	}
}

// Every command has its place in docs/command.md, and an example that begins with it.
func TestEveryCommandIsDescribed(t *testing.T) {
	b, err := os.ReadFile("../../docs/command.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range newRoot().Commands() {
		if !strings.Contains(string(b), "| `"+c.Name()) {
			t.Errorf("docs/command.md has no row for %s", c.Name())
		}
		if c.Short == "" || c.Name() != "version" && !strings.Contains(c.Example, "thinnet "+c.Name()) {
			t.Errorf("%s has the description %q and the examples %q, want both", c.Name(), c.Short, c.Example)
		}
	}
}

// The configs of the examples are sound, and the one that README.md and docs/command.md
// show is one of them.
func TestExampleConfigs(t *testing.T) {
	paths, err := filepath.Glob("../../examples/command/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no examples")
	}
	for _, path := range paths {
		if _, err := readSettings(path, nil); err != nil {
			t.Error(err)
		}
	}
	shown, err := os.ReadFile("../../examples/command/digits.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"../../README.md", "../../docs/command.md"} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), "```yaml\n"+string(shown)+"```") {
			t.Errorf("%s does not show examples/command/digits.yaml", path)
		}
	}
}
