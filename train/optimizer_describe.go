package train

import (
	"fmt"
	"reflect"
	"strings"
)

// describe names the optimiser with its hyperparameters, those that are 0 left out, so
// that one added later leaves the text as it was.
func (o *Optimizer) describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, lr %v", o.name, o.base)
	v := reflect.ValueOf(o.settings)
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			fmt.Fprintf(&b, ", %s %v", v.Type().Field(i).Name, v.Field(i))
		}
	}
	return b.String()
}
