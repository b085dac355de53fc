package config

import (
	"slices"
	"strings"
)

// want says which of names, or which similar one, was perhaps meant.
func want(name string, names []string) string {
	if len(names) == 0 {
		return "there is none"
	}
	near := Nearest(name, names)
	switch {
	case len(near) == 0:
		return "want " + listed(names)
	case len(near) == 1:
		return "want " + near[0] + "?"
	}
	return "want " + orList(near) + "?"
}

// Nearest returns those of names, three at most, that differ from one by a typing
// mistake or two, or that begin or end with it.
func Nearest(name string, names []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var found []candidate
	lower := simple(name)
	for _, n := range names {
		d := distance(lower, simple(n))
		if len(lower) >= 3 && (strings.HasPrefix(simple(n), lower) || strings.HasSuffix(simple(n), lower)) {
			d = min(d, 1)
		}
		if d <= max(1, min(len(lower), len(n))/3) {
			found = append(found, candidate{n, d})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.distance - b.distance })
	var out []string
	for _, c := range found[:min(3, len(found))] {
		if c.distance <= found[0].distance+1 {
			out = append(out, c.name)
		}
	}
	return out
}

// simple leaves out what is easily written otherwise; what is long is no misspelt name.
func simple(s string) string {
	s = s[:min(len(s), 64)]
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(s))
}

// distance is how many letters to insert, remove or replace, or pairs of neighbours to
// swap.
func distance(a, b string) int {
	var before, last, row []int
	for i := range len(a) + 1 {
		row = make([]int, len(b)+1)
		row[0] = i
		for j := range len(b) {
			switch {
			case i == 0:
				row[j+1] = j + 1
				continue
			case a[i-1] == b[j]:
				row[j+1] = last[j]
			default:
				row[j+1] = 1 + min(last[j], last[j+1], row[j])
			}
			if i > 1 && j > 0 && a[i-1] == b[j-1] && a[i-2] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return row[len(b)]
}

func listed(words []string) string {
	const most = 24
	if len(words) > most {
		return "one of " + strings.Join(words[:most], ", ") + ", ..."
	}
	return orList(words)
}

func names(fields []Field) []string {
	var out []string
	for _, f := range fields {
		out = append(out, f.Key)
	}
	return out
}

func optionNames(options []Option) []string {
	var out []string
	for _, o := range options {
		out = append(out, o.Name)
	}
	return out
}

func keysOf(fields []Field) string { return strings.Join(names(fields), ", ") }

func has(fields []Field, key string) bool { return contains(names(fields), key) }

func contains(words []string, word string) bool { return slices.Contains(words, word) }
