// Poolings and their gradients. A thread computes one element; gradients look at each window
// that has the element, in their order, so they need no atomics.
#include "pool.h"
#include "reduce.h"

KERNEL(max_pool, float* __restrict__ y, const float* __restrict__ x, i32 n, POOL) {
  Pool g = POOL_OF;
  i64 e = index();
  if (e >= n) return;
  Index p = index_of(e, g.out);
  x += (i64)p.number * size_of(g.in);
  float top = -INFINITY32;
  each_input(g, p.at, [&](i32 at) {
    float v = x[at];
    if (v > top || v != v) top = v; // nothing is larger than a NaN
  });
  y[e] = top;
}

// The gradient of a window goes to the first of its largest elements, or to its last NaN.
KERNEL(max_pool_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ dy, i32 n, POOL) {
  Pool g = POOL_OF;
  i64 e = index();
  if (e >= n) return;
  Index q = index_of(e, g.in);
  x += (i64)q.number * size_of(g.in);
  dy += (i64)q.number * size_of(g.out);
  i32 me = place_in(q.at, g.in);
  float sum = 0;
  each_output(g, q.at, [&](Axes p) {
    i32 won = -1;
    float top = -INFINITY32;
    each_input(g, p, [&](i32 at) {
      float v = x[at];
      if (won < 0 || !(v <= top)) won = at, top = v == v ? v : INFINITY32; // which only a later NaN beats
    });
    if (won == me) sum += dy[place_in(p, g.out)];
  });
  dx[e] = sum;
}

// count is how many elements of a window an average counts along an axis: those from low to
// high.
DEVICE i32 count(i32 p, i32 kernel, i32 stride, i32 pad, i32 low, i32 high) {
  i32 n = 0;
  for (i32 k = 0; k < kernel; k++) {
    i32 at = p * stride - pad + k;
    n += at >= low && at < high;
  }
  return n;
}

DEVICE float counted(const Pool& g, Axes p, Axes high, i32 padded) {
  i32 d = count(p.d, g.kernel.d, g.stride.d, g.pad.d, padded ? -g.pad.d : 0, high.d);
  i32 h = count(p.h, g.kernel.h, g.stride.h, g.pad.h, padded ? -g.pad.h : 0, high.h);
  i32 w = count(p.w, g.kernel.w, g.stride.w, g.pad.w, padded ? -g.pad.w : 0, high.w);
  i32 all = d * h * w;
  return all > 1 ? all : 1;
}

KERNEL(avg_pool, float* __restrict__ y, const float* __restrict__ x, i32 n, POOL, AXES(high), i32 padded) {
  Pool g = POOL_OF;
  i64 e = index();
  if (e >= n) return;
  Index p = index_of(e, g.out);
  x += (i64)p.number * size_of(g.in);
  float sum = 0;
  each_input(g, p.at, [&](i32 at) { sum += x[at]; });
  y[e] = sum / counted(g, p.at, AXES_OF(high), padded);
}

KERNEL(avg_pool_grad, float* __restrict__ dx, const float* __restrict__ dy, i32 n, POOL, AXES(high), i32 padded) {
  Pool g = POOL_OF;
  i64 e = index();
  if (e >= n) return;
  Index q = index_of(e, g.in);
  dy += (i64)q.number * size_of(g.out);
  float sum = 0;
  each_output(g, q.at, [&](Axes p) { sum += dy[place_in(p, g.out)] / counted(g, p, AXES_OF(high), padded); });
  dx[e] = sum;
}

// A bin is the inputs of output i of an axis, in an adaptive pooling.
struct Bin { i32 lo, hi; };
DEVICE Bin bin_of(i32 i, i32 in, i32 out) { return {i * in / out, ((i + 1) * in + out - 1) / out}; }
DEVICE i32 length(Bin b) { return b.hi - b.lo; }

KERNEL(adaptive_avg_pool, float* __restrict__ y, const float* __restrict__ x, i32 n, AXES(in), AXES(out)) {
  i64 e = index();
  if (e >= n) return;
  Axes in = AXES_OF(in), out = AXES_OF(out);
  Index p = index_of(e, out);
  x += (i64)p.number * size_of(in);
  Bin d = bin_of(p.at.d, in.d, out.d), h = bin_of(p.at.h, in.h, out.h), w = bin_of(p.at.w, in.w, out.w);
  float sum = 0;
  for (i32 i = d.lo; i < d.hi; i++)
    for (i32 j = h.lo; j < h.hi; j++)
      for (i32 k = w.lo; k < w.hi; k++) sum += x[(i * in.h + j) * in.w + k];
  y[e] = sum / (length(d) * length(h) * length(w));
}

// A warp takes the mean of a map.
KERNEL_SYNC(map_mean, float* __restrict__ y, const float* __restrict__ x, i32 maps, i32 size) {
  i64 map = (i64)BID * BDIMY + TIDY;
  float sum = 0;
  if (map < maps)
    for (i32 i = TID; i < size; i += 32) sum += x[map * size + i];
  sum = warp_sum(sum);
  if (TID == 0 && map < maps) y[map] = sum / size;
}

KERNEL(adaptive_avg_pool_grad, float* __restrict__ dx, const float* __restrict__ dy, i32 n, AXES(in), AXES(out)) {
  i64 e = index();
  if (e >= n) return;
  Axes in = AXES_OF(in), out = AXES_OF(out);
  Index q = index_of(e, in);
  dy += (i64)q.number * size_of(out);
  float sum = 0;
  for (i32 i = q.at.d * out.d / in.d; i <= ((q.at.d + 1) * out.d - 1) / in.d; i++)
    for (i32 j = q.at.h * out.h / in.h; j <= ((q.at.h + 1) * out.h - 1) / in.h; j++)
      for (i32 k = q.at.w * out.w / in.w; k <= ((q.at.w + 1) * out.w - 1) / in.w; k++)
        sum += dy[(i * out.h + j) * out.w + k] /
               (length(bin_of(i, in.d, out.d)) * length(bin_of(j, in.h, out.h)) * length(bin_of(k, in.w, out.w)));
  dx[e] = sum;
}
