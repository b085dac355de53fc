package pool

import (
	"reflect"
	"sync"
)

// spare keeps argument blocks, by type: reflect.Type of J to *Spare of J.
var spare sync.Map

func borrow[J any]() *J { return SpareOf[J]().Borrow() }

func giveBack[J any](j *J) { SpareOf[J]().GiveBack(j) }

// SpareOf returns the spare values of a type, for generic code, which cannot have a
// variable for each.
func SpareOf[J any]() *Spare[J] {
	p, ok := spare.Load(reflect.TypeFor[J]())
	if !ok {
		p, _ = spare.LoadOrStore(reflect.TypeFor[J](), new(Spare[J]))
	}
	return p.(*Spare[J])
}
