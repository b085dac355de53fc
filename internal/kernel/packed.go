package kernel

import (
	"fmt"
	"runtime"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
)

// packedOrder counts the orders in which kernels have packed weights. One more comes with
// any change of what a packing writes: files hold packed weights. A test of package deploy
// fails when it is forgotten.
const packedOrder = 1

// Packing names how this machine packs weights: what another one has packed under the
// same name can be used as it is.
func Packing() string {
	return fmt.Sprintf("%s %v, order %d", runtime.GOARCH, cpu.Get(), packedOrder)
}
