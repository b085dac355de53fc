// Package cudatest says which tests on CUDA devices may be left out where there is none.
package cudatest

import (
	"os"
	"testing"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/cuda"
)

// Required says whether tests must have a device: with THINNET_CUDA=require in the
// environment.
func Required() bool { return os.Getenv("THINNET_CUDA") == "require" }

// Missing says whether err is that there is no device, where none is required.
func Missing(err error) bool {
	var none *cuda.Unavailable
	return errors.As(err, &none) && !Required()
}

// Check skips a test for which a device is [Missing], and ends it for any other error.
func Check(t testing.TB, err error) {
	t.Helper()
	if Missing(err) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatalf("%+v", err)
	}
}
