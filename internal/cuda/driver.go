package cuda

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"unsafe"

	"github.com/pkg/errors"
)

// A driver is the entry points of libcuda.so.1.
type driver struct {
	cuInit                                                          uintptr
	cuGetErrorName, cuGetErrorString                                uintptr
	cuDeviceGetCount, cuDeviceGet, cuDeviceGetName                  uintptr
	cuDeviceGetAttribute                                            uintptr
	cuDevicePrimaryCtxRetain, cuDevicePrimaryCtxRelease             uintptr
	cuCtxSetCurrent                                                 uintptr
	cuMemGetInfo, cuMemAlloc, cuMemFree                             uintptr
	cuMemHostAlloc, cuMemFreeHost                                   uintptr
	cuMemcpyHtoDAsync, cuMemcpyDtoHAsync, cuMemcpyDtoDAsync         uintptr
	cuMemsetD32Async                                                uintptr
	cuStreamCreate, cuStreamDestroy, cuStreamSynchronize            uintptr
	cuStreamWaitEvent, cuEventCreate, cuEventRecord, cuEventDestroy uintptr
	cuModuleLoadDataEx, cuModuleUnload, cuModuleGetFunction         uintptr
	cuLaunchKernel                                                  uintptr
	cuStreamBeginCapture, cuStreamEndCapture                        uintptr
	cuGraphInstantiateWithFlags, cuGraphLaunch                      uintptr
	cuGraphExecDestroy, cuGraphDestroy                              uintptr
}

// symbols names them as the library does.
func (d *driver) symbols() map[string]*uintptr {
	return map[string]*uintptr{
		"cuInit":                       &d.cuInit,
		"cuGetErrorName":               &d.cuGetErrorName,
		"cuGetErrorString":             &d.cuGetErrorString,
		"cuDeviceGetCount":             &d.cuDeviceGetCount,
		"cuDeviceGet":                  &d.cuDeviceGet,
		"cuDeviceGetName":              &d.cuDeviceGetName,
		"cuDeviceGetAttribute":         &d.cuDeviceGetAttribute,
		"cuDevicePrimaryCtxRetain":     &d.cuDevicePrimaryCtxRetain,
		"cuDevicePrimaryCtxRelease_v2": &d.cuDevicePrimaryCtxRelease,
		"cuCtxSetCurrent":              &d.cuCtxSetCurrent,
		"cuMemGetInfo_v2":              &d.cuMemGetInfo,
		"cuMemAlloc_v2":                &d.cuMemAlloc,
		"cuMemFree_v2":                 &d.cuMemFree,
		"cuMemHostAlloc":               &d.cuMemHostAlloc,
		"cuMemFreeHost":                &d.cuMemFreeHost,
		"cuMemcpyHtoDAsync_v2":         &d.cuMemcpyHtoDAsync,
		"cuMemcpyDtoHAsync_v2":         &d.cuMemcpyDtoHAsync,
		"cuMemcpyDtoDAsync_v2":         &d.cuMemcpyDtoDAsync,
		"cuMemsetD32Async":             &d.cuMemsetD32Async,
		"cuStreamCreate":               &d.cuStreamCreate,
		"cuStreamDestroy_v2":           &d.cuStreamDestroy,
		"cuStreamSynchronize":          &d.cuStreamSynchronize,
		"cuStreamWaitEvent":            &d.cuStreamWaitEvent,
		"cuEventCreate":                &d.cuEventCreate,
		"cuEventRecord":                &d.cuEventRecord,
		"cuEventDestroy_v2":            &d.cuEventDestroy,
		"cuModuleLoadDataEx":           &d.cuModuleLoadDataEx,
		"cuModuleUnload":               &d.cuModuleUnload,
		"cuModuleGetFunction":          &d.cuModuleGetFunction,
		"cuLaunchKernel":               &d.cuLaunchKernel,
		"cuStreamBeginCapture_v2":      &d.cuStreamBeginCapture,
		"cuStreamEndCapture":           &d.cuStreamEndCapture,
		"cuGraphInstantiateWithFlags":  &d.cuGraphInstantiateWithFlags,
		"cuGraphLaunch":                &d.cuGraphLaunch,
		"cuGraphExecDestroy":           &d.cuGraphExecDestroy,
		"cuGraphDestroy":               &d.cuGraphDestroy,
	}
}

// Unavailable says why there is no device to compute on.
type Unavailable struct{ Reason string }

func (e *Unavailable) Error() string { return "CUDA is not available: " + e.Reason }

// loaded is the driver of this process.
var loaded = sync.OnceValues(load)

func load() (*driver, error) {
	names := []string{"libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1", "/usr/local/nvidia/lib64/libcuda.so.1"}
	if own := os.Getenv("THINNET_CUDA_LIBRARY"); own != "" {
		names = []string{own}
	}
	library, err := openAny(names)
	if err != nil {
		return nil, &Unavailable{"the driver of NVIDIA can't be opened: " + err.Error()}
	}
	d := &driver{}
	for name, to := range d.symbols() {
		if *to, err = symbol(library, name); err != nil {
			return nil, &Unavailable{fmt.Sprintf("the driver has no %s, want version 520 or later", name)}
		}
	}
	if r := call(d.cuInit, 0); r != 0 {
		return nil, &Unavailable{"cuInit: " + d.text(r)}
	}
	return d, nil
}

// openAny opens the first library that is there; the error tells why none is.
func openAny(names []string) (uintptr, error) {
	var why []string
	for _, name := range names {
		library, err := open(name)
		if err == nil {
			return library, nil
		}
		if text := err.Error(); !strings.Contains(text, name) {
			why = append(why, name+": "+text)
		} else {
			why = append(why, text)
		}
	}
	return 0, errors.New(strings.Join(why, "; "))
}

// A result is what a function of the driver returns.
type result int32

const outOfMemory result = 2

// err makes an error of a result: it names the function.
func (d *driver) err(r result, function string) error {
	if r == 0 {
		return nil
	}
	return errors.Errorf("%s: %s", function, d.text(r))
}

// text is the name, the number and the words of the driver.
func (d *driver) text(r result) string {
	var name, words *byte
	call(d.cuGetErrorName, uintptr(r), uintptr(unsafe.Pointer(&name)))
	call(d.cuGetErrorString, uintptr(r), uintptr(unsafe.Pointer(&words)))
	text := fmt.Sprintf("%s (%d)", goString(name), r)
	if w := goString(words); w != "" {
		text += ": " + w
	}
	return text
}

// goString copies a string of C.
func goString(p *byte) string {
	if p == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(p), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(p, n))
}
