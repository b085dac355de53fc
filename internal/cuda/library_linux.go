//go:build linux && (amd64 || arm64) && !nocuda

package cuda

import (
	"runtime"
	"syscall"
	"unsafe"

	"github.com/ebitengine/purego"
)

// open opens a shared library. What the loader says of a mistake it says to the thread that
// made it, and asking is a second call.
func open(name string) (library uintptr, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_GLOBAL)
}

func symbol(library uintptr, name string) (uintptr, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return purego.Dlsym(library, name)
}

// call calls a C function whose parameters are integers and pointers, and returns its int.
//
//go:uintptrescapes
func call(fn uintptr, args ...uintptr) result {
	r, _, _ := purego.SyscallN(fn, args...)
	return result(int32(r))
}

// callKept is call where the pointers are to memory that is kept otherwise and does not
// move, as all of the heap, and where args is on the heap too: then nothing is allocated.
func callKept(fn uintptr, args []uintptr) result {
	r, _, _ := purego.SyscallN(fn, args...)
	return result(int32(r))
}

// guardSignals calls f and gives every signal the action back that it had before: the
// driver and the libraries it loads may set their own, and Go needs its.
func guardSignals(f func() error) error {
	var before [65]sigaction
	for sig := 1; sig < len(before); sig++ {
		actionOf(sig, nil, &before[sig])
	}
	err := f()
	for sig := 1; sig < len(before); sig++ {
		var now sigaction
		if actionOf(sig, nil, &now) && now != before[sig] {
			actionOf(sig, &before[sig], nil)
		}
	}
	return err
}

// sigaction is the kernel's struct of that name on amd64 and arm64.
type sigaction struct{ handler, flags, restorer, mask uint64 }

// actionOf is the system call rt_sigaction. It fails for signals that have no action.
func actionOf(sig int, set, get *sigaction) bool {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(get)), 8, 0, 0)
	return errno == 0
}
