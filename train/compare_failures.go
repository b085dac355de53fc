package train

import (
	stderrors "errors"
	"fmt"
	"strings"

	"github.com/pkg/errors"
)

// mostNamed is how many runs an error names.
const mostNamed = 3

// failures joins the errors of the runs. What is wrong with several is told once,
// after their names: a mistake in a study is one of all its runs.
func (c *comparing) failures(errs []error) error {
	failed := map[string][]int{} // the runs, by what is wrong with them
	var causes []error
	for i, err := range errs {
		if err == nil {
			continue
		}
		if failed[err.Error()] == nil {
			causes = append(causes, err)
		}
		failed[err.Error()] = append(failed[err.Error()], i)
	}
	for k, err := range causes {
		runs := failed[err.Error()]
		var names []string
		for _, i := range runs[:min(mostNamed, len(runs))] {
			names = append(names, c.running(i).name())
		}
		who := strings.Join(names, "; ")
		if more := len(runs) - mostNamed; more > 0 {
			who += fmt.Sprintf(" and %d more", more)
		}
		causes[k] = errors.WithMessage(err, who)
	}
	return stderrors.Join(causes...)
}
