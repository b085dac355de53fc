package cuda

import (
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"github.com/pkg/errors"
)

// blas is cuBLAS on the stream of a device.
type blas struct {
	create, destroy, setStream, setWorkspace, setMathMode, getVersion uintptr
	sgemm, sgemmBatched                                               uintptr

	handle    uintptr
	version   string
	workspace *Buffer
	tf32      bool
}

func (b *blas) symbols() map[string]*uintptr {
	return map[string]*uintptr{
		"cublasCreate_v2":           &b.create,
		"cublasDestroy_v2":          &b.destroy,
		"cublasSetStream_v2":        &b.setStream,
		"cublasSetWorkspace_v2":     &b.setWorkspace,
		"cublasSetMathMode":         &b.setMathMode,
		"cublasGetVersion_v2":       &b.getVersion,
		"cublasSgemm_v2":            &b.sgemm,
		"cublasSgemmStridedBatched": &b.sgemmBatched,
	}
}

// blasNames are where cuBLAS may be: on the path of the loader, in a toolkit, or with a
// Python package.
func blasNames() []string {
	if own := os.Getenv("THINNET_CUBLAS_LIBRARY"); own != "" {
		return []string{own}
	}
	var names []string
	for _, version := range []string{"13", "12", "11"} {
		names = append(names, "libcublas.so."+version)
	}
	for _, pattern := range []string{
		"/usr/local/cuda*/lib64/libcublas.so.1[123]",
		"/usr/lib/python3*/*-packages/nvidia/*/lib/libcublas.so.1[123]",
		"/usr/local/lib/python3*/*-packages/nvidia/*/lib/libcublas.so.1[123]",
		"/opt/*/lib/python3*/site-packages/nvidia/*/lib/libcublas.so.1[123]",
	} {
		found, _ := filepath.Glob(pattern) // the patterns are right
		names = append(names, found...)
	}
	return names
}

// workspaceBytes is what cuBLAS asks for on devices of compute capability 9; others want
// less.
const workspaceBytes = 32 << 20

// openBlas opens cuBLAS for the stream of v, on a thread that has the context.
func (v *Device) openBlas() (*blas, error) {
	library, err := openAny(blasNames())
	if err != nil {
		return nil, errors.WithMessage(err, "cuBLAS can't be opened")
	}
	b := &blas{}
	for name, to := range b.symbols() {
		if *to, err = symbol(library, name); err != nil {
			return nil, errors.Errorf("cuBLAS has no %s", name)
		}
	}
	if err := b.err(call(b.create, uintptr(unsafe.Pointer(&b.handle))), "cublasCreate"); err != nil {
		return nil, err
	}
	if err := b.prepare(v); err != nil {
		call(b.destroy, b.handle)
		b.workspace.Free()
		return nil, err
	}
	return b, nil
}

// prepare puts a handle on the stream of v.
func (b *blas) prepare(v *Device) (err error) {
	if err := b.err(call(b.setStream, b.handle, v.stream.handle), "cublasSetStream"); err != nil {
		return err
	}
	// Memory of our own: what cuBLAS allocates by itself can't be captured. Setting the
	// stream would reset it.
	if b.workspace, err = v.Alloc(workspaceBytes); err != nil {
		return err
	}
	if err := b.err(call(b.setWorkspace, b.handle, uintptr(b.workspace.Pointer), workspaceBytes), "cublasSetWorkspace"); err != nil {
		return err
	}
	var n int32
	if err := b.err(call(b.getVersion, b.handle, uintptr(unsafe.Pointer(&n))), "cublasGetVersion"); err != nil {
		return err
	}
	b.version = fmt.Sprintf("%d.%d.%d", n/10000, n/100%100, n%100)
	return nil
}

func (b *blas) err(r result, function string) error {
	if r == 0 {
		return nil
	}
	return errors.Errorf("%s: status %d", function, r)
}

const (
	defaultMath = 0 // CUBLAS_DEFAULT_MATH
	tf32Math    = 3 // CUBLAS_TF32_TENSOR_OP_MATH
)

// AllowTF32 sets whether the products to come may round their factors to 10 bits of
// mantissa. It is called within Do; without cuBLAS it does nothing.
func (v *Device) AllowTF32(allow bool) error {
	if v.blas == nil || v.blas.tf32 == allow {
		return nil
	}
	mode := defaultMath
	if allow {
		mode = tf32Math
	}
	v.blas.tf32 = allow
	return v.blas.err(call(v.blas.setMathMode, v.blas.handle, uintptr(mode)), "cublasSetMathMode")
}

// Factors that products are read from: cuBLAS takes them by address.
var zero, one = new(float32), func() *float32 { f := float32(1); return &f }()

// gemm puts products in the stream. In the column-major view of cuBLAS a row-major matrix
// is its transpose, and C' = B'·A'.
func (b *blas) gemm(s *Stream, g *gemm) error {
	beta := zero
	if g.add {
		beta = one
	}
	alpha, betaAt := uintptr(unsafe.Pointer(one)), uintptr(unsafe.Pointer(beta))
	ta, tb := uintptr(0), uintptr(0)
	if g.transposeA {
		ta = 1
	}
	if g.transposeB {
		tb = 1
	}
	if g.count == 1 {
		return b.err(s.call(b.sgemm, b.handle, tb, ta, uintptr(g.n), uintptr(g.m), uintptr(g.k), alpha,
			uintptr(g.b), uintptr(g.ldb), uintptr(g.a), uintptr(g.lda), betaAt, uintptr(g.c), uintptr(g.ldc)), "cublasSgemm")
	}
	return b.err(s.call(b.sgemmBatched, b.handle, tb, ta, uintptr(g.n), uintptr(g.m), uintptr(g.k), alpha,
		uintptr(g.b), uintptr(g.ldb), uintptr(g.strideB), uintptr(g.a), uintptr(g.lda), uintptr(g.strideA),
		betaAt, uintptr(g.c), uintptr(g.ldc), uintptr(g.strideC), uintptr(g.count)), "cublasSgemmStridedBatched")
}
