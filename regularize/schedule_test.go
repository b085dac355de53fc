package regularize_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/regularize"
)

// At every step the mask of a scheduled rate is that of a constant one.
func TestSchedules(t *testing.T) {
	shape := graph.Shape{50, 40}
	x := make([]float64, shape.TotalSize())
	for i := range x {
		x[i] = float64(i + 1)
	}
	for _, c := range []struct {
		name     string
		schedule regularize.Schedule
		want     func(step float64) float64
	}{
		{"linear up", regularize.LinearRate(0, 100), func(step float64) float64 { return 0.4 * min(1, step/100) }},
		{"linear down", regularize.LinearRate(0.9, 10), func(step float64) float64 { return 0.9 - 0.5*min(1, step/10) }},
		{"curriculum", regularize.CurriculumRate(100), func(step float64) float64 { return 0.4 * (1 - math.Exp(-step/10)) }},
		{"own", regularize.RateFunc("p/(1+step)", func(p float64, step uint64) float64 { return p / float64(1+step) }),
			func(step float64) float64 { return 0.4 / (1 + step) }},
		{"out of range", regularize.RateFunc("2", func(float64, uint64) float64 { return 2 }), func(float64) float64 { return 1 }},
		{"no number", regularize.RateFunc("NaN", func(float64, uint64) float64 { return math.NaN() }), func(float64) float64 { return 1 }},
	} {
		scheduled := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s.In("drop"), x, 0.4, c.schedule)
		}, shape, x)
		for _, step := range []uint64{0, 1, 7, 50, 1000} {
			constant := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
				return regularize.Dropout(s.In("drop"), x, c.want(float64(step)))
			}, shape, x)
			y, dx := scheduled.at(t, step, x)
			wantY, wantDX := constant.at(t, step, x)
			wantClose(t, c.name+" output", y, wantY, 0)
			wantClose(t, c.name+" gradient", dx, wantDX, 0)
		}
	}
}
