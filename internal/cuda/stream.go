package cuda

import (
	"unsafe"

	"github.com/pkg/errors"
)

// A Stream is the queue of a device: what is put there is done in order, and later. Its
// methods are called within [Device.Do].
type Stream struct {
	v      *Device
	handle uintptr
	aside  uintptr // a second queue, for uploads beside the computing
	event  uintptr // the end of what is in it

	staging *Host // of Put and Get, from the first of them on

	args [maxArgs]uintptr // of a call
}

// maxArgs is as many parameters as a function of the driver or of cuBLAS has.
const maxArgs = 20

// call calls a function with pointers to memory that is kept otherwise. It allocates
// nothing.
func (s *Stream) call(fn uintptr, args ...uintptr) result {
	return callKept(fn, s.args[:copy(s.args[:], args)])
}

const (
	nonBlocking   = 1 // CU_STREAM_NON_BLOCKING: independent of the default stream
	withoutTiming = 2 // CU_EVENT_DISABLE_TIMING
)

func (s *Stream) open() error {
	d := s.v.d
	for _, to := range []*uintptr{&s.handle, &s.aside} {
		if err := d.err(call(d.cuStreamCreate, uintptr(unsafe.Pointer(to)), nonBlocking), "cuStreamCreate"); err != nil {
			return err
		}
	}
	return d.err(call(d.cuEventCreate, uintptr(unsafe.Pointer(&s.event)), withoutTiming), "cuEventCreate")
}

// close destroys what open made of it.
func (s *Stream) close() error {
	if s == nil {
		return nil
	}
	d := s.v.d
	var first error
	for _, r := range []resource{
		{d.cuEventDestroy, s.event, "cuEventDestroy"},
		{d.cuStreamDestroy, s.aside, "cuStreamDestroy"},
		{d.cuStreamDestroy, s.handle, "cuStreamDestroy"},
	} {
		if r.handle == 0 {
			continue
		}
		if err := d.err(call(r.free, r.handle), r.name); first == nil {
			first = err
		}
	}
	return first
}

// Device returns the device of the stream.
func (s *Stream) Device() *Device { return s.v }

// Upload copies bytes to the device. The host's must stay as they are until the copy is
// made: see Sync.
func (s *Stream) Upload(to Pointer, from *Host, offset, bytes int) error {
	return s.upload(s.handle, to, from, offset, bytes)
}

// UploadAside is [Stream.Upload] beside what the stream does just now. What is to read the
// copy waits by WaitAside.
func (s *Stream) UploadAside(to Pointer, from *Host, offset, bytes int) error {
	if err := s.upload(s.aside, to, from, offset, bytes); err != nil {
		return err
	}
	return s.v.d.err(s.call(s.v.d.cuEventRecord, s.event, s.aside), "cuEventRecord")
}

// WaitAside lets what is put in the stream from now on wait for the last UploadAside.
func (s *Stream) WaitAside() error {
	return s.v.d.err(s.call(s.v.d.cuStreamWaitEvent, s.handle, s.event, 0), "cuStreamWaitEvent")
}

func (s *Stream) upload(queue uintptr, to Pointer, from *Host, offset, bytes int) error {
	if bytes == 0 {
		return nil
	}
	if err := from.holds(offset, bytes); err != nil {
		return err
	}
	return s.v.d.err(s.call(s.v.d.cuMemcpyHtoDAsync, uintptr(to), uintptr(from.at)+uintptr(offset), uintptr(bytes), queue), "cuMemcpyHtoDAsync")
}

// Download copies bytes from the device. They are there after Sync.
func (s *Stream) Download(to *Host, offset int, from Pointer, bytes int) error {
	if bytes == 0 {
		return nil
	}
	if err := to.holds(offset, bytes); err != nil {
		return err
	}
	return s.v.d.err(s.call(s.v.d.cuMemcpyDtoHAsync, uintptr(to.at)+uintptr(offset), uintptr(from), uintptr(bytes), s.handle), "cuMemcpyDtoHAsync")
}

func (h *Host) holds(offset, bytes int) error {
	if h.freed || offset < 0 || offset+bytes > h.bytes {
		return errors.Errorf("a copy of %d bytes at %d of memory of the host that has %d", bytes, offset, h.bytes)
	}
	return nil
}

// Copy copies bytes within the memory of the device.
func (s *Stream) Copy(to, from Pointer, bytes int) error {
	if bytes == 0 {
		return nil
	}
	return s.v.d.err(s.call(s.v.d.cuMemcpyDtoDAsync, uintptr(to), uintptr(from), uintptr(bytes), s.handle), "cuMemcpyDtoDAsync")
}

// Fill sets words of 4 bytes.
func (s *Stream) Fill(to Pointer, word uint32, words int) error {
	if words == 0 {
		return nil
	}
	return s.v.d.err(s.call(s.v.d.cuMemsetD32Async, uintptr(to), uintptr(word), uintptr(words), s.handle), "cuMemsetD32Async")
}

// Sync waits until all that was put in the stream is done. An error may be of anything
// before it.
func (s *Stream) Sync() error {
	return s.v.d.err(s.call(s.v.d.cuStreamSynchronize, s.handle), "cuStreamSynchronize")
}
