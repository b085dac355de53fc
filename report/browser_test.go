package report_test

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/report"
	"github.com/thinnet/thinnet/train"
)

// frame shows a page at a width, and says what a browser makes of it.
const frame = `<body style="margin:0"><iframe src="report.html" style="border:0;width:%dpx;height:900px"></iframe>
<script>onload = () => {
	const page = document.querySelector("iframe").contentDocument, images = [...page.images];
	document.title = [page.documentElement.scrollWidth, images.length, images.filter(i => i.naturalWidth > 0).length,
		getComputedStyle(page.body).backgroundColor, page.querySelectorAll(".chart path.line").length].join(" ");
}</script>`

// A browser shows all pictures, nothing is wider than the page, and it is light or dark
// as is asked for.
func TestInABrowser(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("there is no chromium: apt-get install chromium")
	}
	if testing.Short() {
		t.Skip("starts a browser")
	}
	dir := t.TempDir()
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.Flatten(nodes.Conv2D(s.In("conv"), x, 16, 5)), 10)
	}
	path := filepath.Join(dir, "report.html")
	err = report.Write(t.Context(), path, build(t, net, 50, 1, 28, 28), history(),
		report.On(train.Digits(50, 1), nodes.CrossEntropy(), nodes.Accuracy()), report.Setting("path", strings.Repeat("x", 300)))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for _, c := range []struct {
		width, scheme int // 0 is dark
		ground        string
	}{{390, 0, "rgb(16, 20, 24)"}, {1200, 1, "rgb(244, 245, 247)"}} {
		outer := filepath.Join(dir, "frame.html")
		if err := os.WriteFile(outer, fmt.Appendf(nil, frame, c.width), 0o666); err != nil {
			t.Fatal(err)
		}
		// 24 samples and the filters; a line for each series, and two in a legend.
		want := fmt.Sprintf("<title>%d 25 25 %s 6</title>", c.width, c.ground)
		if got := browse(t, chromium, c.scheme, "--dump-dom", outer); !strings.Contains(got, want) {
			t.Errorf("at %d pixels the browser says %.300s, want %s", c.width, got, want)
		}
	}
	shot := filepath.Join(dir, "shot.png")
	browse(t, chromium, 1, "--screenshot="+shot, path)
	data, err := os.ReadFile(shot)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	colours := map[[3]uint32]bool{}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			r, g, b, _ := img.At(x, y).RGBA()
			colours[[3]uint32{r >> 8, g >> 8, b >> 8}] = true
		}
	}
	for _, c := range [][3]uint32{{0, 0x72, 0xb2}, {0xd5, 0x5e, 0}, {255, 255, 255}} {
		if !colours[c] {
			t.Errorf("the picture has no pixel of colour %v: %d colours", c, len(colours))
		}
	}
}

func browse(t *testing.T, chromium string, scheme int, do, path string) string {
	t.Helper()
	profile, err := os.MkdirTemp("", "report")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(profile) // what a process that still ends writes meanwhile is no failure
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, chromium, "--headless", "--hide-scrollbars", "--no-sandbox", "--disable-gpu", "--user-data-dir="+profile,
		"--allow-file-access-from-files", "--virtual-time-budget=2000", "--window-size=1280,900",
		fmt.Sprintf("--blink-settings=preferredColorScheme=%d", scheme), do, "file://"+path)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("chromium: %v\n%s", err, &stderr)
	}
	return string(out)
}
