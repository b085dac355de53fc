package gemm

import "github.com/thinnet/thinnet/internal/kernel/pool"

// A Batch is outer times inner products of one size, which is that of the first.
// The operands of the others lie a number of elements further on for each outer and
// for each inner index; 0 is an operand that they share.
type Batch struct {
	Product
	Outer, Inner                   int
	COuter, CInner                 int
	AOuter, AInner, BOuter, BInner int
}

// Run computes the products.
func (b *Batch) Run() {
	n, work := b.Outer*b.Inner, max(1, b.M*b.N*b.K)
	if n == 1 || work > 16*chunkWork {
		j := batchJob{*b}
		j.Do(0, n) // each keeps all cores at work
		return
	}
	pool.Run(n, max(1, chunkWork/work), batchJob{*b})
}

type batchJob struct{ Batch }

// Do computes the products [lo, hi).
func (j *batchJob) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		p, o, i := j.Product, i/j.Inner, i%j.Inner
		p.C = p.C[o*j.COuter+i*j.CInner:]
		p.A = p.A[o*j.AOuter+i*j.AInner:]
		p.B = p.B[o*j.BOuter+i*j.BInner:]
		p.Run()
	}
}
