package tile

import "unsafe"

// The tile of the Go code: its sums and operands fit the registers.
const (
	goRows  = 2
	goCols  = 4
	goLanes = 4
)

func at(p unsafe.Pointer, bytes int) *float32 { return (*float32)(unsafe.Add(p, bytes)) }

// mulGo has two loops, one of them for full tiles. Their bits are the same as long as
// the compiler fuses products with sums in both or in neither; all do.
func mulGo(a *Args) {
	var sum [goRows][goCols]float32
	if a.Bias != nil {
		for j := range a.Cols {
			sum[0][j] = *at(a.Bias, 4*j)
		}
		sum[1] = sum[0]
	}
	row, next := 4, a.AStep
	if a.InPlace {
		row, next = next, row
	}
	for o := range a.Outer {
		if a.Depth == 0 {
			break
		}
		x := unsafe.Add(a.A, o*(a.Depth*next+a.ADelta))
		y := unsafe.Add(a.B, o*(a.Depth*a.BStep+a.BDelta))
		if a.Rows == goRows && a.Cols == goCols {
			multiply(&sum, x, row, next, y, a.BStep, a.Depth)
		} else {
			for k := range a.Depth {
				for i := range a.Rows {
					v := *at(x, i*row+k*next)
					for j := range a.Cols {
						sum[i][j] += v * *at(y, k*a.BStep+4*j)
					}
				}
			}
		}
	}
	for i := range a.Rows {
		for j := range a.Cols {
			c := at(a.C, i*a.CStep+4*j)
			v := sum[i][j]
			if a.Accumulate {
				v += *c
			}
			if a.ReLU && v < 0 {
				v = 0
			}
			*c = v
		}
	}
}

// multiply adds the products of a full tile.
func multiply(sum *[goRows][goCols]float32, x unsafe.Pointer, row, next int, y unsafe.Pointer, yNext, depth int) {
	s00, s01, s02, s03 := sum[0][0], sum[0][1], sum[0][2], sum[0][3]
	s10, s11, s12, s13 := sum[1][0], sum[1][1], sum[1][2], sum[1][3]
	for k := range depth {
		b := (*[goCols]float32)(unsafe.Add(y, k*yNext))
		b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
		v := *at(x, k*next)
		s00 += v * b0
		s01 += v * b1
		s02 += v * b2
		s03 += v * b3
		v = *at(x, row+k*next)
		s10 += v * b0
		s11 += v * b1
		s12 += v * b2
		s13 += v * b3
	}
	sum[0] = [goCols]float32{s00, s01, s02, s03}
	sum[1] = [goCols]float32{s10, s11, s12, s13}
}

func transposeGo(dst unsafe.Pointer, dstStep int, src unsafe.Pointer, srcStep, rows, depth int) {
	for i := range goLanes {
		for k := range depth {
			d := at(dst, k*dstStep+4*i)
			if i < rows {
				*d = *at(src, i*srcStep+4*k)
			} else {
				*d = 0
			}
		}
	}
}

func copyGo(dst unsafe.Pointer, dstStep, dstGroup int, src unsafe.Pointer, srcStep, cols, groups, depth int) {
	wide := (cols + goLanes - 1) / goLanes * goLanes
	for k := range depth {
		for g := range groups {
			d := unsafe.Slice(at(dst, k*dstStep+g*dstGroup), wide)
			clear(d[copy(d, unsafe.Slice(at(src, k*srcStep+4*g*cols), cols)):])
		}
	}
}
