package train

import (
	"fmt"
	"reflect"
	"strings"
)

// String returns the name of the optimiser, its learning rate, the other hyperparameters
// and its groups, as in "Adam, lr 0.001, beta1 0.9, beta2 0.999, eps 1e-08".
func (o *Optimizer) String() string {
	if o == nil {
		return "none"
	}
	return o.describe()
}

// describe names the optimiser with its hyperparameters, those that are 0 left out, so
// that one added later leaves the text as it was, and its groups.
func (o *Optimizer) describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, lr %v", o.name, o.base)
	v := reflect.ValueOf(o.settings)
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			fmt.Fprintf(&b, ", %s %v", v.Type().Field(i).Name, v.Field(i))
		}
	}
	return b.String() + o.describeGroups()
}

// describeGroups is empty if there are none.
func (o *Optimizer) describeGroups() string {
	var b strings.Builder
	for _, g := range o.groups {
		fmt.Fprintf(&b, ", %v", g)
	}
	return b.String()
}
