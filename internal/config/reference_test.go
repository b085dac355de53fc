package config_test

import (
	"strings"
	"testing"

	"github.com/thinnet/thinnet/internal/config"
)

type vehicle struct{ config.Chosen }

func (vehicle) Options() []config.Option {
	return []config.Option{
		{Name: "Car", Doc: "on a road", New: func() any { return &car{} }},
		{Name: "Boat", Doc: "on water", New: func() any { return &boat{} }},
	}
}

type car struct {
	Wheels int    `key:"wheels" default:"4" doc:"of the car"`
	Speed  int    `key:"speed" default:"50" doc:"in km/h"`
	Colour string `key:"colour" default:"red" doc:"of the paint"`
	Pet    animal `key:"pet" doc:"on the back seat"`
}

type boat struct {
	Speed  int     `key:"speed" default:"20" doc:"in km/h"`
	Colour string  `key:"colour" default:"red" doc:"of the paint"`
	Pets   *animal `key:"pets" doc:"below deck"`
}

// What is under a key of one option alone has its table, once; a key with another default
// in each option is in the table of each.
func TestReference(t *testing.T) {
	got := config.Reference("All", &struct {
		Vehicle vehicle `key:"vehicle" need:"yes" doc:"what moves"`
	}{})
	before, after, ok := strings.Cut(got, "**`Car`**")
	for _, want := range []string{"### All\n", "### `vehicle`\n\nKeys of all:\n", "| `colour` | text | `red` | of the paint |\n"} {
		if !ok || !strings.Contains(before, want) {
			t.Errorf("%q is not among what all have in common:\n%s", want, got)
		}
	}
	for want, times := range map[string]int{
		"| `speed` | a whole number | `50` | in km/h |\n": 1, "| `speed` | a whole number | `20` | in km/h |\n": 1, "`colour`": 0,
		"### `vehicle.pet`\n": 1, "| `lives` ": 1, "### `vehicle.pets`": 0,
	} {
		if n := strings.Count(after, want); n != times {
			t.Errorf("%q is there %d times, want %d:\n%s", want, n, times, got)
		}
	}
}
