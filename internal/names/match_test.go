package names

import (
	"slices"
	"strings"
	"testing"
)

var all = []string{"conv1.weight", "conv1.bias", "conv10.weight", "block.conv1.weight", "a/b.bias", "fc[0].bias"}

func TestMatch(t *testing.T) {
	for pattern, want := range map[string][]string{
		"*":                  all,
		"conv1.*":            {"conv1.weight", "conv1.bias"},
		"conv1*":             {"conv1.weight", "conv1.bias", "conv10.weight"},
		"*.bias":             {"conv1.bias", "a/b.bias", "fc[0].bias"},
		"*conv1.weight":      {"conv1.weight", "block.conv1.weight"},
		"conv1?.weight":      {"conv10.weight"},
		"block.*":            {"block.conv1.weight"},
		"block.conv1.weight": {"block.conv1.weight"},
		"a/*":                {"a/b.bias"},
		"conv1.[wx]*":        {"conv1.weight"},
		`fc\[0].*`:           {"fc[0].bias"},
	} {
		matches, err := Match(pattern, all)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		var got []string
		for i, name := range all {
			if matches[i] {
				got = append(got, name)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s matches %q, want %q", pattern, got, want)
		}
	}
}

func TestMatchSaysWhatWouldMatch(t *testing.T) {
	for pattern, want := range map[string]string{
		"conv1": `"conv1" matches no parameter, want conv1.* for all below it`,
		"con?1": `"con?1" matches no parameter, want con?1.* for all below it`,
		"fc1.*": `"fc1.*" matches no parameter, want one of conv1.weight, conv1.bias, conv10.weight`,
		"":      `"" matches no parameter, want one of`,
		"fc[":   `"fc[" is malformed, want one such as conv1.*`,
		"*.[b":  `"*.[b" is malformed`,
		`fc\`:   `is malformed`,
	} {
		if _, err := Match(pattern, all); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got the error %v, want one with %q", pattern, err, want)
		}
	}
	for _, nameless := range [][]string{nil, {"", ""}} {
		if _, err := Match("a*", nameless); err == nil || !strings.Contains(err.Error(), "none has a name") {
			t.Errorf("no names: got the error %v", err)
		}
	}
	long := slices.Repeat(all, 10)
	if _, err := Match("x", long); err == nil || len(err.Error()) > 200 || !strings.HasSuffix(err.Error(), "...") {
		t.Errorf("%d names: got the error %v, want a short one", len(long), err)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("conv1.*", "conv1.weight")
	f.Add("[a-]/\\", "a/b")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		matches, err := Match(pattern, []string{name})
		if malformed := Check(pattern); malformed != nil && err == nil {
			t.Errorf("%q is malformed and matches", pattern)
		}
		if err == nil && !matches[0] {
			t.Errorf("%q matches none of %q without an error", pattern, name)
		}
	})
}
