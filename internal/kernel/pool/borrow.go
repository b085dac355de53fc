package pool

import (
	"reflect"
	"sync"
)

// spare keeps argument blocks to use again, by type: what another goroutine sees
// must lie on the heap, and a run must not allocate.
var spare sync.Map // reflect.Type of J to *sync.Pool of *J

func borrow[J any]() *J {
	p, ok := spare.Load(reflect.TypeFor[J]())
	if !ok {
		p, _ = spare.LoadOrStore(reflect.TypeFor[J](), &sync.Pool{New: func() any { return new(J) }})
	}
	return p.(*sync.Pool).Get().(*J)
}

func giveBack[J any](j *J) {
	p, _ := spare.Load(reflect.TypeFor[J]())
	p.(*sync.Pool).Put(j)
}
