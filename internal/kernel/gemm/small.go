package gemm

import "github.com/thinnet/thinnet/internal/kernel/tile"

// runSmall multiplies on the caller's goroutine, with operands in place: they are
// in the first-level cache or near it. Only a transposed right operand must be
// packed, as a tile takes its rows.
func (g *gemm) runSmall() {
	if g.transB {
		m := jobs.Borrow(g.k * tile.ColStep(g.n) / 4)
		defer m.GiveBack()
		g.right, g.rightStep = m.Start(), tile.ColStep(g.n)
		for b := range g.parts() {
			k0, depth := g.part(b)
			tile.PackCols(g.rightAt(k0), source(g.b, g.bRow, 0, k0, true), g.bRow, g.n, depth, true)
		}
	}
	for b := range g.parts() {
		k0, depth := g.part(b)
		g.tiles(0, g.m, 0, g.n, k0, depth, nil, g.rightAt(k0))
	}
}

// runEmpty computes a product of no terms.
func (p *Product) runEmpty() {
	for i := range p.M {
		c := p.C[i*p.CStride:][:p.N]
		if !p.Accumulate {
			clear(c)
		}
		for j, v := range c {
			if p.Bias != nil {
				v += p.Bias[j]
			}
			if p.ReLU && v < 0 {
				v = 0
			}
			c[j] = v
		}
	}
}
