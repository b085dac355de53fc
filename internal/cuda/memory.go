package cuda

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"
)

// A Buffer is memory of a device.
type Buffer struct {
	Pointer
	Bytes int

	v       *Device
	cleanup runtime.Cleanup
	freed   bool
}

// A Host is memory of the host that does not move, which copies from and to the device
// need.
type Host struct {
	at      unsafe.Pointer
	bytes   int
	v       *Device
	cleanup runtime.Cleanup
	freed   bool
}

// OutOfMemory is the error of an allocation that does not fit.
type OutOfMemory struct {
	Device            string
	Need, Free, Total int // bytes
}

func (e *OutOfMemory) Error() string {
	return fmt.Sprintf("out of memory on %s: want %s, of %s are %s free", e.Device, megabytes(e.Need), megabytes(e.Total), megabytes(e.Free))
}

func megabytes(n int) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// forgotten are the resources that no one will use again, to be freed by a thread that has
// the context.
type forgotten struct {
	mu   sync.Mutex
	list []resource
}

// A resource is a handle and the function that frees it.
type resource struct {
	free   uintptr
	handle uintptr
	name   string
}

func (f *forgotten) add(r resource) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, r)
}

// freeForgotten frees them. It is called on a thread that has the context.
func (v *Device) freeForgotten() error {
	v.forgotten.mu.Lock()
	list := v.forgotten.list
	v.forgotten.list = nil
	v.forgotten.mu.Unlock()
	var first error
	for _, r := range list {
		if err := v.d.err(call(r.free, r.handle), r.name); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Alloc allocates memory, what it holds being undefined. It is called within Do. Where
// there is too little, buffers that the collector finds to be garbage are freed first.
func (v *Device) Alloc(bytes int) (*Buffer, error) {
	b := &Buffer{Bytes: bytes, v: v}
	r := call(v.d.cuMemAlloc, uintptr(unsafe.Pointer(&b.Pointer)), uintptr(max(bytes, 1)))
	if r == outOfMemory {
		if err := v.collect(); err != nil {
			return nil, err
		}
		r = call(v.d.cuMemAlloc, uintptr(unsafe.Pointer(&b.Pointer)), uintptr(max(bytes, 1)))
	}
	if r == outOfMemory {
		free, total, err := v.Memory()
		if err != nil {
			return nil, err
		}
		return nil, &OutOfMemory{fmt.Sprintf("device %d, %s", v.ordinal, v.name), bytes, free, total}
	}
	if err := v.d.err(r, "cuMemAlloc"); err != nil {
		return nil, err
	}
	b.cleanup = runtime.AddCleanup(b, v.forgotten.add, resource{v.d.cuMemFree, uintptr(b.Pointer), "cuMemFree"})
	return b, nil
}

// collect runs the collector twice, since what a pool keeps survives one run, and frees
// what it found.
func (v *Device) collect() error {
	for range 2 {
		runtime.GC()
	}
	// The collector queues what it found; by then others wait in line.
	done := make(chan struct{})
	runtime.AddCleanup(new([16]byte), func(c chan struct{}) { close(c) }, done)
	runtime.GC()
	<-done
	return v.freeForgotten()
}

// Free gives the memory back, at the latest when the device is used next. A second call
// does nothing.
func (b *Buffer) Free() {
	if b == nil || b.freed {
		return
	}
	b.freed = true
	b.cleanup.Stop()
	b.v.forgotten.add(resource{b.v.d.cuMemFree, uintptr(b.Pointer), "cuMemFree"})
}

// Pinned allocates memory of the host. It is called within Do.
func (v *Device) Pinned(bytes int) (*Host, error) {
	h := &Host{bytes: bytes, v: v}
	if err := v.d.err(call(v.d.cuMemHostAlloc, uintptr(unsafe.Pointer(&h.at)), uintptr(max(bytes, 1)), 0), "cuMemHostAlloc"); err != nil {
		return nil, err
	}
	h.cleanup = runtime.AddCleanup(h, v.forgotten.add, resource{v.d.cuMemFreeHost, uintptr(h.at), "cuMemFreeHost"})
	return h, nil
}

// Bytes returns the memory itself.
func (h *Host) Bytes() []byte { return unsafe.Slice((*byte)(h.at), h.bytes) }

// View returns n elements that lie so many bytes into memory of the host.
func View[E any](h *Host, offset, n int) []E {
	b := h.Bytes()[offset:]
	return unsafe.Slice((*E)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// BytesOf returns the memory of a list.
func BytesOf[E any](list []E) []byte {
	var e E
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(list))), len(list)*int(unsafe.Sizeof(e)))
}

// Free gives the memory back, at the latest when the device is used next. A second call
// does nothing.
func (h *Host) Free() {
	if h == nil || h.freed {
		return
	}
	h.freed = true
	h.cleanup.Stop()
	h.v.forgotten.add(resource{h.v.d.cuMemFreeHost, uintptr(h.at), "cuMemFreeHost"})
}
