package gemm

import "github.com/thinnet/thinnet/internal/kernel/pool"

// RunBatch computes as many products as batch says, of which p is the first: the
// operands of the next lie the given elements further on. A step of 0 is an
// operand that all share.
func RunBatch(p *Product, batch, cStep, aStep, bStep int) {
	work := max(1, p.M*p.N*p.K)
	j := batchJob{*p, cStep, aStep, bStep}
	if batch > 1 && work > 16*chunkWork {
		j.Do(0, batch) // each keeps all cores at work
		return
	}
	pool.Run(batch, max(1, chunkWork/work), j)
}

type batchJob struct {
	Product
	cStep, aStep, bStep int
}

// Do computes the products [lo, hi).
func (j *batchJob) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		p := j.Product
		p.C, p.A, p.B = p.C[i*j.cStep:], p.A[i*j.aStep:], p.B[i*j.bStep:]
		p.Run()
	}
}
