package export

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// firstOf cuts a list to what a person reads.
func firstOf(problems []string) []string {
	const most = 10
	if len(problems) <= most {
		return problems
	}
	return append(slices.Clone(problems[:most]), fmt.Sprintf("and %d more", len(problems)-most))
}

// mismatch lists the names that one side alone has, and says so if a prefix is all
// that they differ by. Programs that wrap a model leave one: torch.compile's is
// "_orig_mod.", DataParallel's "module."; in a checkpoint it is the key of the
// state_dict, beside others.
func (l *loading) mismatch(missing, unexpected []string) (problems []string) {
	if len(missing) > 0 {
		problems = append(problems, "missing from the file: "+strings.Join(firstOf(missing), ", "))
	}
	if len(unexpected) > 0 {
		problems = append(problems, "unexpected in the file: "+strings.Join(firstOf(unexpected), ", "))
	}
	if prefix := commonPrefix(missing, unexpected); prefix != "" {
		problems = append(problems, fmt.Sprintf("the file has them under a prefix: see export.Under(%q)", l.given()+prefix))
	} else if prefix := commonPrefix(unexpected, missing); prefix != "" {
		problems = append(problems, fmt.Sprintf("the model has them under the prefix %q: see export.Rename", prefix))
	}
	return problems
}

// given is the prefix that [Under] got, where it alone decides what names are.
func (l *loading) given() string {
	if len(l.prefixes) == 1 && len(l.renames) == 1 {
		return l.prefixes[0].prefix
	}
	return ""
}

// beginnings lists what comes before the first dot of names.
func beginnings(ts []Tensor) string {
	var out []string
	seen := map[string]bool{}
	for _, t := range ts {
		first, _, dotted := strings.Cut(t.Name, ".")
		if dotted {
			first += "."
		}
		if !seen[first] {
			out, seen[first] = append(out, strconv.Quote(first)), true
		}
	}
	slices.Sort(out)
	return strings.Join(firstOf(out), ", ")
}

// commonPrefix returns the shortest prefix under which all names are among
// others; "" if there is none.
func commonPrefix(names, others []string) string {
	if len(names) == 0 {
		return ""
	}
	has := make(map[string]bool, len(others))
	for _, o := range others {
		has[o] = true
	}
	best := ""
	for _, o := range others {
		prefix, ok := strings.CutSuffix(o, names[0])
		if !ok || prefix == "" || best != "" && len(prefix) >= len(best) {
			continue
		}
		if !slices.ContainsFunc(names, func(name string) bool { return !has[prefix+name] }) {
			best = prefix
		}
	}
	return best
}
