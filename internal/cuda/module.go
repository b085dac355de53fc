package cuda

import (
	"unsafe"

	"github.com/pkg/errors"
)

// kernel returns a function of the device. The first one of a file has the driver compile
// the file, which it keeps in a cache of its own between processes.
func (v *Device) kernel(name string) (uintptr, error) {
	if f := v.kernels[name]; f != 0 {
		return f, nil
	}
	file := allEntries().modules[name]
	if file == "" {
		return 0, errors.Errorf("there is no kernel %q", name)
	}
	module := v.modules[file]
	if module == 0 {
		var err error
		if module, err = v.load(file); err != nil {
			return 0, err
		}
		v.modules[file] = module
	}
	var f uintptr
	text := append([]byte(name), 0)
	if err := v.d.err(call(v.d.cuModuleGetFunction, uintptr(unsafe.Pointer(&f)), module, uintptr(unsafe.Pointer(&text[0]))), "cuModuleGetFunction of "+name); err != nil {
		return 0, err
	}
	v.kernels[name] = f
	return f, nil
}

// load has the driver compile a file of PTX; its error has what the compiler says.
func (v *Device) load(file string) (module uintptr, err error) {
	text := append([]byte(allEntries().text[file]), 0)
	log := make([]byte, 8192)
	options := [2]int32{5, 6} // CU_JIT_ERROR_LOG_BUFFER, and its size
	values := struct {        // a pointer as such, so that log does not lie on a stack, which may move
		log  *byte
		size uintptr
	}{&log[0], uintptr(len(log))}
	err = guardSignals(func() error {
		r := call(v.d.cuModuleLoadDataEx, uintptr(unsafe.Pointer(&module)), uintptr(unsafe.Pointer(&text[0])),
			uintptr(len(options)), uintptr(unsafe.Pointer(&options[0])), uintptr(unsafe.Pointer(&values)))
		return v.d.err(r, "cuModuleLoadDataEx of "+file)
	})
	if words := goString(&log[0]); err != nil && words != "" {
		err = errors.WithMessage(err, words)
	}
	return module, err
}
