package search

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var space = Space{LogFloat("lr", 1e-4, 1), Float("momentum", 0, 0.99), Int("depth", 1, 5), LogInt("width", 8, 512), Choice("optimiser", "adam", "sgd")}

// bowl is least, at 0, where lr is 0.01, depth 3 and the optimiser sgd.
func bowl(_ context.Context, t *Trial) (float64, error) {
	v := math.Abs(math.Log10(t.Float("lr"))+2) + math.Abs(float64(t.Int("depth")-3)) + t.Float("momentum")/10 + math.Abs(math.Log(float64(t.Int("width"))/64))/10
	if t.Choice("optimiser") != "sgd" {
		v++
	}
	return v + 1/float64(t.Epochs()), nil
}

func mustRun(t *testing.T, a Algorithm, opts ...Option) *Result {
	t.Helper()
	r, err := Run(t.Context(), space, bowl, a, append(opts, ReportTo(nil))...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return r
}

// timeless leaves out durations.
func timeless(r *Result) []Outcome {
	out := slices.Clone(r.Outcomes)
	for i := range out {
		out[i].Duration = 0
	}
	return out
}

func TestRandomIsUniform(t *testing.T) {
	const n = 4000
	below, counts := map[string]int{}, map[any]int{}
	for k := range n {
		p := space.draw(7, k)
		for _, param := range space {
			if !param.fits(p[param.name]) {
				t.Fatalf("trial %d: %v does not fit %v", k, p[param.name], param)
			}
		}
		if p["lr"].(float64) < 1e-2 { // the middle of the logarithms
			below["lr"]++
		}
		if p["momentum"].(float64) < 0.495 {
			below["momentum"]++
		}
		if p["width"].(int) < 64 {
			below["width"]++
		}
		counts[p["depth"]]++
		counts[p["optimiser"]]++
	}
	for name, got := range below {
		if math.Abs(float64(got)-n/2) > 4*math.Sqrt(n)/2 {
			t.Errorf("%s: %d of %d lie in the lower half", name, got, n)
		}
	}
	for v, got := range counts {
		want := float64(n) / 5
		if _, text := v.(string); text {
			want = n / 2
		}
		if math.Abs(float64(got)-want) > 4*math.Sqrt(want) {
			t.Errorf("%v came %d times, want some %v", v, got, want)
		}
	}
}

func TestRandomAndGridAndHyperband(t *testing.T) {
	r := mustRun(t, Random(40))
	best, err := r.Best()
	if err != nil || len(r.Outcomes) != 40 {
		t.Fatalf("got %d outcomes, %v", len(r.Outcomes), err)
	}
	for _, o := range r.Outcomes {
		if o.Value < best.Value {
			t.Errorf("trial %d has %v, and the best %v", o.Trial, o.Value, best.Value)
		}
	}
	g := mustRun(t, Grid(3))
	if want := 3 * 3 * 3 * 3 * 2; len(g.Outcomes) != want {
		t.Errorf("a grid has %d points, want %d", len(g.Outcomes), want)
	}
	if first := g.Outcomes[0].Values; first["lr"] != 1e-4 || first["depth"] != 1 || first["optimiser"] != "adam" || g.Outcomes[1].Values["optimiser"] != "sgd" {
		t.Errorf("a grid begins with %v and %v", first, g.Outcomes[1].Values)
	}
	if last := g.Outcomes[len(g.Outcomes)-1].Values; last["lr"] != 1.0 || last["width"] != 512 {
		t.Errorf("a grid ends with %v", last)
	}
	h := mustRun(t, Hyperband(27))
	epochs := 0
	for _, o := range h.Outcomes {
		epochs += o.Epochs
	}
	best, err = h.Best()
	if err != nil || best.Epochs != 27 {
		t.Errorf("the best of Hyperband is %+v, %v; want one after 27 epochs", best, err)
	}
	most := mustRun(t, Random(epochs/27), Epochs(27)) // what the same epochs are worth
	if other, _ := most.Best(); best.Value > other.Value+0.5 {
		t.Errorf("Hyperband finds %v, and as many epochs of random search %v", best.Value, other.Value)
	}
	if m, err := mustRun(t, Random(40), Maximize()).Best(); err != nil || m.Value <= best.Value {
		t.Errorf("the largest is %v, %v", m.Value, err)
	}
}

// Table 1 of the paper: points and epochs of the brackets for 81 and eta 3.
func TestBrackets(t *testing.T) {
	want := [][]rung{
		{{81, 1}, {27, 3}, {9, 9}, {3, 27}, {1, 81}},
		{{34, 3}, {11, 9}, {3, 27}, {1, 81}},
		{{15, 9}, {5, 27}, {1, 81}},
		{{8, 27}, {2, 81}},
		{{5, 81}},
	}
	if got := brackets(81); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for n := 3; n < 300; n++ {
		for _, b := range brackets(n) {
			if last := b[len(b)-1]; last.epochs != n || b[0].epochs < 1 {
				t.Errorf("maxEpochs %d: a bracket is %v", n, b)
			}
		}
	}
}

// However many run at once, and in however many parts, the outcomes are the same.
func TestParallelAndResumed(t *testing.T) {
	for _, a := range []Algorithm{Random(30), Grid(2), Hyperband(9)} {
		want := timeless(mustRun(t, a))
		if got := timeless(mustRun(t, a, Parallel(4))); !reflect.DeepEqual(got, want) {
			t.Errorf("%v: four at once give other outcomes", a)
		}
		dir := t.TempDir()
		var calls atomic.Int32
		for part := 0; ; part++ {
			ctx, cancel := context.WithCancel(t.Context())
			budget := int32(7)
			r, err := Run(ctx, space, func(ctx context.Context, tr *Trial) (float64, error) {
				if budget--; budget < 0 {
					cancel()
					return 0, ctx.Err()
				}
				calls.Add(1)
				return bowl(ctx, tr)
			}, a, In(dir), ReportTo(nil))
			cancel()
			if err == nil {
				if got := timeless(r); !reflect.DeepEqual(got, want) {
					t.Errorf("%v: in %d parts there are other outcomes", a, part+1)
				}
				break
			}
			if !errors.Is(err, context.Canceled) || part > 100 {
				t.Fatalf("%v: %v", a, err)
			}
		}
		if n := int(calls.Load()); n != len(want) {
			t.Errorf("%v: the objective was called %d times, want %d", a, n, len(want))
		}
	}
}

// A process that is killed loses no trial that had ended, and its folder goes on.
func TestKilled(t *testing.T) {
	if dir := os.Getenv("SEARCH_TEST_FOLDER"); dir != "" { // the process that is killed
		_, err := Run(t.Context(), space, func(ctx context.Context, tr *Trial) (float64, error) {
			time.Sleep(2 * time.Millisecond)
			return bowl(ctx, tr)
		}, Random(200), In(dir), Parallel(2), ReportTo(nil))
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	dir := t.TempDir()
	for range 3 {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestKilled$")
		cmd.Env = append(os.Environ(), "SEARCH_TEST_FOLDER="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(60 * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	done, err := filepath.Glob(filepath.Join(dir, "trial-*", "outcome-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var called atomic.Int32
	r, err := Run(t.Context(), space, func(ctx context.Context, tr *Trial) (float64, error) {
		called.Add(1)
		return bowl(ctx, tr)
	}, Random(200), In(dir), ReportTo(nil))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if n := int(called.Load()); n != 200-len(done) {
		t.Errorf("%d trials were tried again, and %d of 200 had ended", n, len(done))
	}
	if !reflect.DeepEqual(timeless(r), timeless(mustRun(t, Random(200)))) {
		t.Error("it ends with other outcomes than a study that was not cut off")
	}
}

func TestFailures(t *testing.T) {
	fails := func(_ context.Context, tr *Trial) (float64, error) {
		switch tr.Number() {
		case 0:
			return 0, errors.New("no memory")
		case 1:
			panic("a bug")
		case 2:
			return math.NaN(), nil
		case 3:
			return tr.Float("depth"), nil
		case 4:
			return tr.Float("rate"), nil
		}
		return float64(tr.Number()), nil
	}
	var out bytes.Buffer
	r, err := Run(t.Context(), space, fails, Random(7), ReportTo(&out))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for i, want := range []string{"no memory", "the objective panicked: a bug", "the value is NaN", `asks for "depth" as a Float or LogFloat, and it is Int("depth", 1, 5)`, `asks for "rate", want one of the space`} {
		if got := r.Outcomes[i].Err; !strings.Contains(got, want) || !strings.Contains(out.String(), "failed: "+got) {
			t.Errorf("trial %d: got %q, want %q", i, got, want)
		}
	}
	if best, err := r.Best(); err != nil || best.Trial != 5 {
		t.Errorf("the best is %+v, %v", best, err)
	}
	if text := r.String(); !strings.Contains(text, "trial 5: 5 after 1 epochs, lr ") || !strings.Contains(text, "5 of 7 failed") {
		t.Errorf("the table is\n%s", text)
	}
	_, err = Run(t.Context(), space, fails, Random(3), ReportTo(nil))
	if want := "search.Run: all trials have failed; the first: no memory"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestMistakes(t *testing.T) {
	dir := t.TempDir()
	if _, err := Run(t.Context(), space, bowl, Random(3), In(dir), ReportTo(nil)); err != nil {
		t.Fatal(err)
	}
	for want, run := range map[string]func() (*Result, error){
		"the space is empty":                              func() (*Result, error) { return Run(t.Context(), nil, bowl, Random(3)) },
		`Float("a", 2, 1): want finite bounds, the first`: func() (*Result, error) { return Run(t.Context(), Space{Float("a", 2, 1)}, bowl, Random(3)) },
		`Float("a", NaN, 1): want finite bounds`:          func() (*Result, error) { return Run(t.Context(), Space{Float("a", math.NaN(), 1)}, bowl, Random(3)) },
		`LogFloat("a", 0, 1): want bounds above 0`:        func() (*Result, error) { return Run(t.Context(), Space{LogFloat("a", 0, 1)}, bowl, Random(3)) },
		`Choice("a", ): there is nothing to choose from`:  func() (*Result, error) { return Run(t.Context(), Space{Choice("a")}, bowl, Random(3)) },
		`Choice("a", "x", "x"): a choice is there twice`:  func() (*Result, error) { return Run(t.Context(), Space{Choice("a", "x", "x")}, bowl, Random(3)) },
		`Int("a", 1, 3): the name is empty or there twice`: func() (*Result, error) {
			return Run(t.Context(), Space{Int("a", 1, 2), Int("a", 1, 3)}, bowl, Random(3))
		},
		"a parameter is empty":                              func() (*Result, error) { return Run(t.Context(), Space{{name: "a"}}, bowl, Random(3)) },
		"the objective is nil":                              func() (*Result, error) { return Run(t.Context(), space, nil, Random(3)) },
		"the algorithm is empty":                            func() (*Result, error) { return Run(t.Context(), space, bowl, Algorithm{}) },
		"search.Random: n is 0, want at least 1":            func() (*Result, error) { return Run(t.Context(), space, bowl, Random(0)) },
		"search.Grid: n is 1, want at least 2":              func() (*Result, error) { return Run(t.Context(), space, bowl, Grid(1)) },
		"search.Grid: there are more than 1000000 points":   func() (*Result, error) { return Run(t.Context(), space, bowl, Grid(1000), ReportTo(nil)) },
		"search.Hyperband: maxEpochs is 2, want at least 3": func() (*Result, error) { return Run(t.Context(), space, bowl, Hyperband(2)) },
		"Parallel is 0, want at least 1":                    func() (*Result, error) { return Run(t.Context(), space, bowl, Random(3), Parallel(0)) },
		"Epochs is 0, want at least 1":                      func() (*Result, error) { return Run(t.Context(), space, bowl, Random(3), Epochs(0)) },
		"is of another study: its seed was 1 and is 2":      func() (*Result, error) { return Run(t.Context(), space, bowl, Random(3), In(dir), Seed(2)) },
		"its algorithm was Random(3) and is Random(4)":      func() (*Result, error) { return Run(t.Context(), space, bowl, Random(4), In(dir)) },
		"its space was LogFloat(":                           func() (*Result, error) { return Run(t.Context(), space[:1], bowl, Random(3), In(dir)) },
	} {
		_, err := run()
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "search.Run: ") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestDamagedStudies(t *testing.T) {
	for want, damage := range map[string]func(dir string) error{
		"unexpected end of JSON input": func(dir string) error { return os.WriteFile(filepath.Join(dir, "study.json"), []byte("{"), 0o666) },
		"trial-00001/outcome-0.json: invalid character": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "trial-00001", "outcome-0.json"), []byte("?"), 0o666)
		},
		"want a file of package search": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "trial-00001", "outcome-0.json"), make([]byte, 2<<20), 0o666)
		},
		"it is of trial 0, rung 0, under another name": func(dir string) error {
			return os.Rename(filepath.Join(dir, "trial-00000", "outcome-0.json"), filepath.Join(dir, "trial-00001", "outcome-0.json"))
		},
		`its value of "depth" is 9, want one of Int("depth", 1, 5)`: func(dir string) error {
			path := filepath.Join(dir, "trial-00001", "outcome-0.json")
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			at := bytes.Index(b, []byte(`"depth": `)) + len(`"depth": `)
			b[at] = '9'
			return os.WriteFile(path, b, 0o666)
		},
	} {
		dir := t.TempDir()
		if _, err := Run(t.Context(), space, bowl, Random(3), In(dir), ReportTo(nil)); err != nil {
			t.Fatal(err)
		}
		if err := damage(dir); err != nil {
			t.Fatal(err)
		}
		_, err := Run(t.Context(), space, bowl, Random(3), In(dir), ReportTo(nil))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestTablesAndPlots(t *testing.T) {
	r := mustRun(t, Hyperband(9))
	var b bytes.Buffer
	if err := r.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 1+len(r.Outcomes) || lines[0] != "trial,epochs,lr,momentum,depth,width,optimiser,value,error,seconds" {
		t.Errorf("the CSV has %d lines and begins with %s", len(lines), lines[0])
	}
	path := filepath.Join(t.TempDir(), "study.png")
	if err := r.Plot(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() < 1000 {
		t.Errorf("the picture: %v", err)
	}
	for want, err := range map[string]error{
		"path ends in .svg": r.Plot("a.svg"),
		"no trial to plot":  (&Result{}).Plot("a.png"),
		"the writer is nil": r.WriteCSV(nil),
		"there is no trial": func() error { _, err := (&Result{}).Best(); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	_ = fmt.Sprint(r)
}

func FuzzOutcome(f *testing.F) {
	dir := f.TempDir()
	if _, err := Run(context.Background(), space, bowl, Random(1), In(dir), ReportTo(nil)); err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(dir, "trial-00000", "outcome-0.json")
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		r, err := Run(t.Context(), space, bowl, Random(1), In(dir), ReportTo(nil))
		if err != nil {
			return
		}
		for _, o := range r.Outcomes {
			for _, p := range space {
				if !p.fits(o.Values[p.name]) {
					t.Errorf("%s is %v", p.name, o.Values[p.name])
				}
			}
		}
	})
}
