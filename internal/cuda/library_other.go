//go:build !linux || !(amd64 || arm64) || nocuda

package cuda

import (
	"runtime"

	"github.com/pkg/errors"
)

func open(string) (uintptr, error) {
	return 0, errors.Errorf("CUDA devices are used on Linux on amd64 and arm64, in a program that is not built with the tag nocuda; this is %s on %s", runtime.GOOS, runtime.GOARCH)
}

func symbol(uintptr, string) (uintptr, error) { return 0, nil }

func call(uintptr, ...uintptr) result { return 0 }

func callKept(uintptr, []uintptr) result { return 0 }

func guardSignals(f func() error) error { return f() }
