package export

import (
	"fmt"
	"slices"
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
// that they differ by.
func mismatch(missing, unexpected []string) (problems []string) {
	if len(missing) > 0 {
		problems = append(problems, "missing from the file: "+strings.Join(firstOf(missing), ", "))
	}
	if len(unexpected) > 0 {
		problems = append(problems, "unexpected in the file: "+strings.Join(firstOf(unexpected), ", "))
	}
	if prefix := commonPrefix(missing, unexpected); prefix != "" {
		problems = append(problems, fmt.Sprintf("names differ by the prefix %q: see export.Rename", prefix))
	}
	return problems
}

// commonPrefix returns what has to be put before all names of one list to get
// the other, in any order; "" if there is no such prefix. Programs that wrap a
// model leave one: torch.compile's is "_orig_mod.", DataParallel's "module.".
func commonPrefix(a, b []string) string {
	if len(a) != len(b) || len(a) == 0 {
		return ""
	}
	// Under a common prefix names keep their order.
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	if len(a[0]) > len(b[0]) {
		a, b = b, a
	}
	prefix, ok := strings.CutSuffix(b[0], a[0])
	for i := range a {
		ok = ok && b[i] == prefix+a[i]
	}
	if !ok {
		return ""
	}
	return prefix
}
