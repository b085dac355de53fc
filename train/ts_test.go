package train

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const twoSeries = `# a comment
@problemName Two
@timeStamps false
@classLabel true up down

@data
1,2,3:10,20,30:down
-1.5 , 2e-1:0,7:up
`

func TestTS(t *testing.T) {
	s, err := readTS(strings.NewReader(twoSeries), nil)
	if err != nil {
		t.Fatal(err)
	}
	x, c, err := s.Batch([]int{1, 0})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float32{-1.5, 0, 0.2, 7, 0, 0, 1, 10, 2, 20, 3, 30}, x.Float32s()); diff != "" || !slices.Equal(x.Shape(), []int{2, 3, 2}) {
		t.Errorf("x is of shape %v and differs (-want +got):\n%s", x.Shape(), diff)
	}
	if !slices.Equal(c.Ints(), []int{0, 1}) || !slices.Equal(s.Classes(), []string{"up", "down"}) || s.Len() != 2 {
		t.Errorf("got classes %v of %v, want 0 and 1 of up and down", c.Ints(), s.Classes())
	}
	if s, err = readTS(strings.NewReader(twoSeries), []TSOption{PadTo(5)}); err != nil {
		t.Fatal(err)
	}
	if x, _, err = s.Batch([]int{0}); err != nil || !slices.Equal(x.Shape(), []int{1, 5, 2}) {
		t.Errorf("padded to 5: got shape %v (%v)", x.Shape(), err)
	}
}

// As an editor on Windows may save it.
func TestTSWithByteOrderMark(t *testing.T) {
	s, err := readTS(strings.NewReader("\ufeff"+twoSeries), nil)
	if err != nil || s.Len() != 2 {
		t.Errorf("got %+v, %v, want two series", s, err)
	}
}

func TestTSMistakes(t *testing.T) {
	head := "@classLabel true a b\n@data\n"
	for want, text := range map[string]string{
		"ends without a line @data":                             "",
		"has no series after @data":                             head,
		"line 1: begins with \"1,2:a\"":                         "1,2:a",
		"line 1: no line @classLabel":                           "@data\n1:a",
		"line 2: there are no classes":                          "@univariate true\n@classLabel false\n@data\n1:a",
		"line 1: class a is named twice":                        "@classLabel true a a",
		"line 1: the series have time stamps":                   "@timeStamps TRUE\n",
		"line 1: the targets are numbers":                       "@targetLabel true\n",
		"line 3: has no colon":                                  head + "1,2,3",
		"line 3: class is \"c\", want one of [a b]":             head + "1:c",
		"line 4: has 1 dimensions, want the 2":                  head + "1:2:a\n1:a",
		"line 3: dimension 1 has 1 steps, want the 2":           head + "1,2:3:a",
		"line 3: step 1 of dimension 0 is \"?\", want a finite": head + "1,?:a",
		"line 3: step 0 of dimension 0 is \"NaN\", want":        head + "NaN,1:a",
		"line 3: step 0 of dimension 0 is \"1e39\", want":       head + "1e39,1:a",
	} {
		if _, err := readTS(strings.NewReader(text), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want one that says %q", text, err, want)
		}
	}
	for want, steps := range map[string]int{"PadTo is 0": 0, "line 7: has 3 steps, want at most the 2 of PadTo": 2} {
		if _, err := readTS(strings.NewReader(twoSeries), []TSOption{PadTo(steps)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that says %q", err, want)
		}
	}
	path := filepath.Join(t.TempDir(), "none.ts")
	if _, err := OpenTS(path); err == nil || !strings.HasPrefix(err.Error(), path+": open: ") {
		t.Errorf("got error %v, want one that begins with the path", err)
	}
}

// The archives' own files, where they are.
func TestTSFiles(t *testing.T) {
	dir := os.Getenv("THINNET_DATA")
	if dir == "" {
		t.Skip("THINNET_DATA is not set")
	}
	s, err := OpenTS(filepath.Join(dir, "timeseries", "JapaneseVowels_TRAIN.ts"), PadTo(29))
	if err != nil {
		t.Fatal(err)
	}
	x, _, err := s.Batch([]int{0})
	if err != nil || s.Len() != 270 || !slices.Equal(x.Shape(), []int{1, 29, 12}) || x.Float32s()[12] != 1.891651 {
		t.Errorf("got %d series of shape %v (%v), want 270 of (1, 29, 12)", s.Len(), x.Shape(), err)
	}
}

func FuzzTS(f *testing.F) {
	f.Add([]byte(twoSeries), 0)
	f.Add([]byte("@classLabel true a\n@data\n1,2:a\n"), 3)
	f.Fuzz(func(t *testing.T, data []byte, steps int) {
		var opts []TSOption
		if steps > 0 && steps < 1000 {
			opts = append(opts, PadTo(steps))
		}
		s, err := readTS(strings.NewReader(string(data)), opts)
		if err != nil {
			return
		}
		x, c, err := s.Batch([]int{s.Len() - 1})
		if err != nil {
			t.Fatal(err)
		}
		if x.Shape()[1] != s.steps || x.Shape()[2] != s.dims || c.Ints()[0] >= len(s.Classes()) {
			t.Errorf("got shapes %v and %v, class %d of %d", x.Shape(), c.Shape(), c.Ints()[0], len(s.Classes()))
		}
	})
}
