package config_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/config"
)

type outer struct {
	Word   string        `key:"word" default:"red" of:"red|green"`
	Count  int           `key:"count" default:"3" in:"[1,10]"`
	Seed   uint64        `key:"seed"`
	Rate   *float64      `key:"rate" in:"(0,inf]"`
	On     bool          `key:"on"`
	Wait   time.Duration `key:"wait"`
	Path   config.Path   `key:"path"`
	Sizes  []int         `key:"sizes" in:"[1,inf)"`
	Inner  inner         `key:"inner"`
	Maybe  *inner        `key:"maybe"`
	Animal animal        `key:"animal" default:"Cat"`
	Many   []animal      `key:"many"`
	shared
}

type shared struct {
	Text string `key:"text"`
}

type inner struct {
	Must int    `key:"must" need:"yes" doc:"a number that must be there"`
	Name string `key:"name" default:"x"`
}

type animal struct{ config.Chosen }

func (animal) Options() []config.Option {
	return []config.Option{
		{Name: "Cat", New: func() any { return &cat{} }},
		{Name: "Dolphin", New: func() any { return &struct{}{} }},
	}
}

type cat struct {
	Lives int `key:"lives" default:"9" in:"[0,9]"`
}

func decode(t *testing.T, text string, set ...string) (outer, *config.Node, error) {
	t.Helper()
	var o outer
	n, err := config.Parse("dir/f.yaml", []byte(text))
	if err != nil {
		return o, nil, err
	}
	for _, s := range set {
		if err := n.Set(s); err != nil {
			return o, nil, err
		}
	}
	return o, n, n.Decode(&o)
}

func TestDecode(t *testing.T) {
	o, n, err := decode(t, `
word: green   # a comment
count: 1_0
seed: 18446744073709551615
rate: .inf
on: true
wait: 1m30s
path: a/b
sizes: [1, 2]
inner: {must: 7}
animal:
  name: Cat
  lives: 8
many: [Dolphin, {name: Cat}]
text: "a: \"b\"\n"
`)
	if err != nil {
		t.Fatal(err)
	}
	abs, err := filepath.Abs("dir/a/b")
	if err != nil {
		t.Fatal(err)
	}
	if o.Word != "green" || o.Count != 10 || o.Seed != math.MaxUint64 || !math.IsInf(*o.Rate, 1) || !o.On || o.Wait != 90*time.Second ||
		o.Path != config.Path(abs) || !cmp.Equal(o.Sizes, []int{1, 2}) || o.Inner != (inner{7, "x"}) || o.Maybe != nil ||
		o.Animal.Spec.(*cat).Lives != 8 || o.Many[0].Name != "Dolphin" || o.Many[1].Spec.(*cat).Lives != 9 || o.Text != "a: \"b\"\n" {
		t.Errorf("got %+v", o)
	}
	// What it prints reads as the same.
	again, err := config.Parse("f.yaml", []byte(n.Text()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, n.Text())
	}
	if got, want := again.String(), n.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDefaults(t *testing.T) {
	o, n, err := decode(t, "inner: {must: 1}")
	if err != nil {
		t.Fatal(err)
	}
	if o.Word != "red" || o.Count != 3 || o.Animal.Spec.(*cat).Lives != 9 || o.Rate != nil {
		t.Errorf("got %+v", o)
	}
	if o, _, err := decode(t, "inner: {must: 1}\nanimal: {lives: 3}"); err != nil || o.Animal.Name != "Cat" || o.Animal.Spec.(*cat).Lives != 3 {
		t.Errorf("a key without the name of the default: %+v, %v", o.Animal, err)
	}
	// What may be missing may be null, so that a variant can leave it out.
	if o, n, err := decode(t, "inner: {must: 1}\nmaybe: null\nrate: ~", "maybe.must=2", "maybe=null"); err != nil || o.Maybe != nil || o.Rate != nil || n.Find("maybe") != nil {
		t.Errorf("null: %+v, %v", o, err)
	}
	if got, want := n.String(), "{inner: {must: 1, name: x}, word: red, count: 3, animal: {name: Cat, lives: 9}}"; got != want {
		t.Errorf("the tree is %s, want %s", got, want)
	}
}

func TestMistakes(t *testing.T) {
	const ok = "inner: {must: 1}\n"
	for _, c := range []struct{ text, want string }{
		{"", "dir/f.yaml:1:1: is empty, want keys such as model:"},
		{"# nothing\n", "dir/f.yaml:1:1: is empty, want keys such as model:"},
		{"word", "dir/f.yaml:1:1: is a value, want a mapping with keys such as model:"},
		{"- a", "dir/f.yaml:1:1: is a list, want a mapping with keys such as model:"},
		{ok + "wrod: red", "dir/f.yaml:2:1: unknown key wrod, want word?"},
		{ok + "xyz: 1", "dir/f.yaml:2:1: unknown key xyz, want word, count, seed, rate, on, wait, path, sizes, inner, maybe, animal, many or text"},
		{ok + "word: blue", "dir/f.yaml:2:7: word is blue, want red or green"},
		{ok + "word: [red]", "dir/f.yaml:2:7: word is a list, want red or green"},
		{ok + "word:", "dir/f.yaml:2:1: word is empty, want red or green"},
		{ok + "count: 11", "dir/f.yaml:2:8: count is 11, want a whole number with 1 ≤ count ≤ 10"},
		{ok + "count: 1.5", "dir/f.yaml:2:8: count is 1.5, want a whole number with 1 ≤ count ≤ 10"},
		{ok + "count: 99999999999999999999", "dir/f.yaml:2:8: count is 99999999999999999999, want a whole number with 1 ≤ count ≤ 10"},
		{ok + "seed: -1", "dir/f.yaml:2:7: seed is -1, want a whole number"},
		{ok + "rate: 0", "dir/f.yaml:2:7: rate is 0, want a number with 0 < rate ≤ inf"},
		{ok + "rate: .nan", "dir/f.yaml:2:7: rate is .nan, want a number with 0 < rate ≤ inf"},
		{ok + "on: yes", "dir/f.yaml:2:5: on is yes, want true or false"},
		{ok + "wait: 3", "dir/f.yaml:2:7: wait is 3, want a duration such as 10m"},
		{ok + "wait: -3s", "dir/f.yaml:2:7: wait is -3s, want a duration such as 10m"},
		{ok + "path: ''", `dir/f.yaml:2:7: path is "", want a path`},
		{ok + "sizes: [1, 0]", "dir/f.yaml:2:12: sizes is 0, want a whole number of at least 1"},
		{ok + "sizes: {a: 1}", "dir/f.yaml:2:8: sizes is a mapping, want a list: each a whole number of at least 1"},
		{"on: true", "dir/f.yaml:1:1: must is missing of inner, want a number that must be there: a whole number"},
		{"inner:\n", "dir/f.yaml:1:1: must is missing of inner, want a number that must be there: a whole number"},
		{"inner: 3", "dir/f.yaml:1:8: is a value, want a mapping with keys of must, name"},
		{ok + "maybe:", "dir/f.yaml:2:1: maybe is empty, want a mapping, or null for none"},
		{ok + "rate:", "dir/f.yaml:2:1: rate is empty, want a number with 0 < rate ≤ inf, or null for none"},
		{ok + "word: null", "dir/f.yaml:2:1: word is empty, want red or green"},
		{ok + "maybe: {musst: 1}", "dir/f.yaml:2:8: must is missing of maybe, want a number that must be there: a whole number\n" +
			"dir/f.yaml:2:9: unknown key musst of maybe, want must?"},
		{ok + "animal: Dolfin", "dir/f.yaml:2:9: unknown animal Dolfin, want Dolphin?"},
		{ok + "animal: act", "dir/f.yaml:2:9: unknown animal act, want Cat?"},
		{ok + "many: [{lives: 3}]", "dir/f.yaml:2:8: name is missing of many, want Cat or Dolphin"},
		{ok + "animal: {name: [Cat]}", "dir/f.yaml:2:16: animal is a list, want Cat or Dolphin, or a mapping with such a name"},
		{ok + "animal: {name: Dolphin, lives: 3}", "dir/f.yaml:2:25: unknown key lives of Dolphin, want name"},
		{ok + "many:\n  - name: Cat\n    lives: 10", "dir/f.yaml:4:12: lives is 10, want a whole number with 0 ≤ lives ≤ 9"},
		{ok + "on: true\non: false", `dir/f.yaml:3:1: key "on" is there twice, want it once; the first is at 2:1`},
		{ok + "inner: {must: 2}", `dir/f.yaml:2:1: key "inner" is there twice, want it once; the first is at 1:1`},
		{ok + "text:\n\t- a", "dir/f.yaml:3:1: is a tab, want spaces: YAML does not indent by tabs"},
		{ok + "text: &a b", "dir/f.yaml:2:7: anchors and aliases are not read, want the value itself"},
		{ok + "text: *a", "dir/f.yaml:2:7: anchors and aliases are not read, want the value itself"},
		{ok + "<<: {a: 1}", "dir/f.yaml:2:1: anchors and aliases are not read, want the value itself"},
		{ok + "text: !!str 3", "dir/f.yaml:2:7: tag !!str is not read, want the value alone"},
		{"%YAML 1.2\n---\n" + ok, "dir/f.yaml:1:1: directives are not read"},
		{ok + "---\n" + ok, "dir/f.yaml:1:1: has 2 documents, want one"},
		{ok + "? a\n: b\n", "dir/f.yaml:2:1: keys that begin with ? are not read, want key: value"},
		{ok + "sizes: " + strings.Repeat("[", 20), "dir/f.yaml:2:24: is nested too deeply, want at most 16 levels"},
		{ok + "sizes:\n  " + strings.Repeat("- ", 20) + "1", "dir/f.yaml:3:35: is nested too deeply, want at most 16 levels"},
		{ok + "text: \"\xff\"", "dir/f.yaml:1:1: is no UTF-8 text, want YAML"},
		{strings.Repeat(" ", 70000), "dir/f.yaml:1:1: has more than 65536 bytes"},
	} {
		_, _, err := decode(t, c.text)
		if err == nil || err.Error() != c.want {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, c.want)
		}
		var e *config.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%q: error %T is no *config.Error", c.text, err)
		}
	}
}

// Of very many mistakes the first are printed.
func TestManyMistakes(t *testing.T) {
	_, _, err := decode(t, "inner: {must: 1}\nsizes: ["+strings.Repeat("0, ", 1000)+"0]")
	if err == nil || strings.Count(err.Error(), "\n") != 20 || !strings.HasSuffix(err.Error(), "\nand 981 more") {
		t.Errorf("got %v", err)
	}
}

func TestSet(t *testing.T) {
	o, n, err := decode(t, "animal: Cat\ninner: {must: 1}", "animal.lives=2", "inner.must=5", "maybe.must=6", "sizes=[3, 4]", "path=x")
	if err != nil {
		t.Fatal(err)
	}
	abs, _ := filepath.Abs("x")
	if o.Animal.Spec.(*cat).Lives != 2 || o.Inner.Must != 5 || o.Maybe.Must != 6 || !cmp.Equal(o.Sizes, []int{3, 4}) || o.Path != config.Path(abs) {
		t.Errorf("got %+v of %v", o, n)
	}
	for setting, want := range map[string]string{
		"count":       `--set: is "count", want KEY=VALUE, such as train.epochs=3`,
		"=3":          `--set: is "=3", want KEY=VALUE, such as train.epochs=3`,
		"inner..a=3":  "--set inner..a: has an empty key, want KEY=VALUE, such as train.epochs=3",
		"count=x":     "--set count: count is x, want a whole number with 1 ≤ count ≤ 10",
		"nope=1":      "--set nope: unknown key nope, want word, count, seed, rate, on, wait, path, sizes, inner, maybe, animal, many or text",
		"count=[":     "--set count:1:1: sequence end token ']' not found",
		"many.name=x": "--set many.name: many is a list, want its key with the whole list",
	} {
		_, _, err := decode(t, "inner: {must: 1}\nmany: [Cat]", setting)
		if err == nil || err.Error() != want {
			t.Errorf("--set %s: got %v, want %s", setting, err, want)
		}
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	if _, err := config.Read(dir); err == nil || !strings.Contains(err.Error(), "is not a file, want a YAML file") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := config.Read(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	path := filepath.Join(dir, "f.yaml")
	if err := os.WriteFile(path, make([]byte, 1<<20), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Read(path); err == nil || !strings.HasSuffix(err.Error(), "has 1048576 bytes, want a config of at most 65536") {
		t.Errorf("a large file: %v", err)
	}
}

func TestWith(t *testing.T) {
	for _, c := range []struct{ base, over, want string }{
		{"a: {name: X, p: 1}", "a: {p: 2}", "{name: X, p: 2}"},
		{"a: X", "a: {p: 2}", "{name: X, p: 2}"},
		{"a: {name: X, p: 1}", "a: Y", "Y"},
		{"a: {name: X, p: 1}", "a: {name: Y}", "{name: Y}"},
		{"a: {p: 1}", "a: {q: 2}", "{p: 1, q: 2}"},
		{"a: {o: {name: X, p: 1}, l: [1]}", "a: {o: {p: 2}, l: [2]}", "{o: {name: X, p: 2}, l: [2]}"},
		{"a: {o: X}", "a: {o: {p: 2}}", "{o: {name: X, p: 2}}"},
		{"a: {o: {name: X, p: 1}}", "a: {o: {name: Y}}", "{o: {name: Y}}"},
	} {
		base, err := config.Parse("f", []byte(c.base))
		if err != nil {
			t.Fatal(err)
		}
		over, err := config.Parse("f", []byte(c.over))
		if err != nil {
			t.Fatal(err)
		}
		got := base.Over(map[string]*config.Node{"a": over.Find("a")}).Find("a").String()
		if got != c.want || base.String() != "{"+strings.TrimSpace(c.base)+"}" {
			t.Errorf("%s with %s: got %s, want %s; the base is %v", c.base, c.over, got, c.want, base)
		}
	}
}
