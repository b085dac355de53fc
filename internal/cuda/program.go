package cuda

import (
	"runtime"
	"unsafe"

	"github.com/pkg/errors"
)

// A Program is commands that a device can run. Its methods, but for Free, are called within
// [Device.Do] of its device.
type Program struct {
	v       *Device
	list    []command
	launch  []launch // of the commands that are launches
	graph   uintptr  // executable, 0 before Capture
	cleanup runtime.Cleanup
}

// A launch is a kernel with its parameters, as the driver wants them: in words, and the
// addresses of the words.
type launch struct {
	function  uintptr
	words     []uint64
	addresses []unsafe.Pointer
}

// Program makes a program of commands. It is called within Do.
func (v *Device) Program(c *Commands) (*Program, error) {
	if c.err != nil {
		return nil, c.err
	}
	own := Commands{}
	for _, cmd := range c.list {
		if cmd.kind == gemmCommand && v.blas == nil {
			own.ownGemm(cmd.gemm)
			continue
		}
		own.list = append(own.list, cmd)
	}
	if own.err != nil {
		return nil, own.err
	}
	p := &Program{v: v, list: own.list, launch: make([]launch, len(own.list))}
	for k, cmd := range p.list {
		if cmd.kind != launchCommand {
			continue
		}
		f, err := v.kernel(cmd.kernel)
		if err != nil {
			return nil, err
		}
		l := launch{function: f, words: cmd.args, addresses: make([]unsafe.Pointer, max(len(cmd.args), 1))}
		for i := range l.words {
			l.addresses[i] = unsafe.Pointer(&l.words[i])
		}
		p.launch[k] = l
	}
	return p, nil
}

// Len returns the number of commands.
func (p *Program) Len() int { return len(p.list) }

// Run puts all commands in the stream.
func (p *Program) Run(s *Stream) error {
	if p.graph != 0 {
		return p.v.d.err(s.call(p.v.d.cuGraphLaunch, p.graph, s.handle), "cuGraphLaunch")
	}
	for k := range p.list {
		if err := p.RunOne(s, k); err != nil {
			return err
		}
	}
	return nil
}

// RunOne puts command number k in the stream.
func (p *Program) RunOne(s *Stream, k int) error {
	c := &p.list[k]
	switch c.kind {
	case copyCommand:
		return s.Copy(c.to, c.from, c.bytes)
	case fillCommand:
		return s.Fill(c.to, c.fill, c.bytes/4)
	case gemmCommand:
		return p.v.blas.gemm(s, &c.gemm)
	}
	l := &p.launch[k]
	r := s.call(p.v.d.cuLaunchKernel, l.function,
		uintptr(c.grid[0]), uintptr(c.grid[1]), uintptr(c.grid[2]),
		uintptr(c.block[0]), uintptr(c.block[1]), uintptr(c.block[2]),
		0, s.handle, uintptr(unsafe.Pointer(&l.addresses[0])), 0)
	if r != 0 {
		return p.v.d.err(r, "cuLaunchKernel of "+c.kernel)
	}
	return nil
}

const threadLocal = 1 // CU_STREAM_CAPTURE_MODE_THREAD_LOCAL

// Capture makes one graph of the commands, which Run launches from then on: that takes the
// host a few microseconds, however many commands there are.
func (p *Program) Capture(s *Stream) error {
	if p.graph != 0 || len(p.list) == 0 {
		return nil
	}
	d := p.v.d
	if err := d.err(call(d.cuStreamBeginCapture, s.handle, threadLocal), "cuStreamBeginCapture"); err != nil {
		return err
	}
	failed := p.Run(s)
	var captured, executable uintptr
	err := d.err(call(d.cuStreamEndCapture, s.handle, uintptr(unsafe.Pointer(&captured))), "cuStreamEndCapture")
	if failed == nil && err == nil {
		err = d.err(call(d.cuGraphInstantiateWithFlags, uintptr(unsafe.Pointer(&executable)), captured, 0), "cuGraphInstantiateWithFlags")
	}
	if captured != 0 {
		if e := d.err(call(d.cuGraphDestroy, captured), "cuGraphDestroy"); err == nil {
			err = e
		}
	}
	switch {
	case failed != nil:
		return errors.WithMessage(failed, "capturing")
	case executable == 0:
		return err
	}
	p.graph = executable
	p.cleanup = runtime.AddCleanup(p, p.v.forgotten.add, resource{d.cuGraphExecDestroy, executable, "cuGraphExecDestroy"})
	return err
}

// Free gives back what Capture made, at the latest when the device is used next.
func (p *Program) Free() {
	if p == nil || p.graph == 0 {
		return
	}
	p.cleanup.Stop()
	p.v.forgotten.add(resource{p.v.d.cuGraphExecDestroy, p.graph, "cuGraphExecDestroy"})
	p.graph = 0
}
