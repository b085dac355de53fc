//go:build !amd64 || noasm

package depthwise

// Sums computes y[i,c] = bias[c] + Σ_t w[t,c]·x[i,t,c], then max(y, 0) if asked
// for; NaN stays NaN.
func Sums(a *Args) { sumsGo(a) }

// Gradients adds to w[t,c] the sum Σ_i x[i,t,c]·y[i,c].
func Gradients(a *Args) { gradientsGo(a) }
