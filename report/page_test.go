package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/report"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

func build(t testing.TB, fn graph.Func, shape ...int) *graph.Model {
	t.Helper()
	m, err := graph.Build(fn, shape, graph.Seed(7))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return m
}

func write(t testing.TB, m *graph.Model, h *train.History, opts ...report.Option) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := report.Write(t.Context(), path, m, h, opts...); err != nil {
		t.Fatalf("%+v", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	check(t, string(text))
	return string(text)
}

// check wants every element closed, in order, and nothing that a browser would load.
func check(t testing.TB, text string) {
	t.Helper()
	void := []string{"meta", "img"}
	body := regexp.MustCompile(`(?s)<style>.*</style>`).ReplaceAllString(strings.TrimPrefix(text, "<!DOCTYPE html>"), "")
	body = strings.ReplaceAll(body, "<br>", "<br/>")
	for _, name := range void {
		body = regexp.MustCompile(`(<`+name+` [^>]*)>`).ReplaceAllString(body, "$1/>")
	}
	d := xml.NewDecoder(strings.NewReader(body))
	d.Entity = xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if slices.Contains([]string{"script", "link", "iframe", "object", "a"}, e.Name.Local) {
			t.Errorf("the page has an element %s", e.Name.Local)
		}
		for _, a := range e.Attr {
			switch {
			case a.Name.Local == "src" && !strings.HasPrefix(a.Value, "data:image/png;base64,"), a.Name.Local == "href", strings.HasPrefix(a.Name.Local, "on"):
				t.Errorf("%s has %s %.60q", e.Name.Local, a.Name.Local, a.Value)
			case a.Value == "" && a.Name.Local == "alt", strings.Contains(a.Value, "ZgotmplZ"):
				t.Errorf("%s has %s %q", e.Name.Local, a.Name.Local, a.Value)
			}
		}
	}
	if strings.Contains(text, "url(") || strings.Contains(text, "@import") || strings.Contains(text, "ZgotmplZ") {
		t.Error("the style loads something, or the template refused a value")
	}
}

// plain is the text of the page, its parts separated by spaces.
func plain(text string) string {
	text = regexp.MustCompile(`(?s)<(style|title)>.*?</(style|title)>`).ReplaceAllString(text, "")
	text = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, " ")
	return strings.Join(strings.Fields(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&amp;", "&").Replace(text)), " ")
}

func wants(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("the page lacks %q:\n%s", p, text)
		}
	}
}

func lacks(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(text, p) {
			t.Errorf("the page has %q", p)
		}
	}
}

// passing returns what it sees: its outputs are the inputs.
func passing(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Flatten(x) }

func of(data any, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
}

func tensors(t testing.TB, x, target *tensor.Dense) train.Dataset {
	t.Helper()
	ds, err := train.Tensors(x, target)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return ds
}

// named gives classes names.
type named struct {
	train.Dataset
	names []string
}

func (n named) Classes() []string { return n.names }
