// Softmax and its logarithm along one axis of a tensor, and their gradients: along the last
// one as in lines.h, and along others by a thread for each line.
#include "lines.h"
#include "exp.h"

// An infinite or missing largest x gives NaN, as on the CPU.
template <int BY>
DEVICE void softmax_along(float* y, const float* x, i32 lines, i32 n) {
  i64 k = line<BY>();
  i32 end = k < lines ? n : 0;
  y += k * n, x += k * n;
  float top = -INFINITY32, sum = 0;
  for (i32 i = TID; i < end; i += BDIM) top = larger(x[i], top);
  top = max_of<BY>(top);
  for (i32 i = TID; i < end; i += BDIM) {
    y[i] = exp32(x[i] - top);
    sum += y[i];
  }
  float part = 1 / sum_of<BY>(sum);
  for (i32 i = TID; i < end; i += BDIM) y[i] *= part;
}
KERNEL_SYNC(softmax_warps, float* __restrict__ y, const float* __restrict__ x, i32 lines, i32 n) { softmax_along<WARP>(y, x, lines, n); }
KERNEL_SYNC(softmax_blocks, float* __restrict__ y, const float* __restrict__ x, i32 lines, i32 n) { softmax_along<BLOCK>(y, x, lines, n); }

template <int BY>
DEVICE void log_softmax_along(float* y, const float* x, i32 lines, i32 n) {
  i64 k = line<BY>();
  i32 end = k < lines ? n : 0;
  y += k * n, x += k * n;
  float top = -INFINITY32, sum = 0;
  for (i32 i = TID; i < end; i += BDIM) top = larger(x[i], top);
  top = max_of<BY>(top);
  for (i32 i = TID; i < end; i += BDIM) sum += exp32(x[i] - top);
  float log = log32(sum_of<BY>(sum));
  for (i32 i = TID; i < end; i += BDIM) y[i] = x[i] - top - log;
}
KERNEL_SYNC(log_softmax_warps, float* __restrict__ y, const float* __restrict__ x, i32 lines, i32 n) { log_softmax_along<WARP>(y, x, lines, n); }
KERNEL_SYNC(log_softmax_blocks, float* __restrict__ y, const float* __restrict__ x, i32 lines, i32 n) { log_softmax_along<BLOCK>(y, x, lines, n); }

// dx = scale·y·(dy - Σ y·dy)
template <int BY>
DEVICE void softmax_grad_along(float* dx, const float* y, const float* dy, float scale, i32 lines, i32 n) {
  i64 k = line<BY>();
  i32 end = k < lines ? n : 0;
  dx += k * n, y += k * n, dy += k * n;
  float dot = 0;
  for (i32 i = TID; i < end; i += BDIM) dot += y[i] * dy[i];
  dot = sum_of<BY>(dot);
  for (i32 i = TID; i < end; i += BDIM) dx[i] = y[i] * (dy[i] - dot) * scale;
}
KERNEL_SYNC(softmax_grad_warps, float* __restrict__ dx, const float* __restrict__ y, const float* __restrict__ dy, float scale, i32 lines, i32 n) { softmax_grad_along<WARP>(dx, y, dy, scale, lines, n); }
KERNEL_SYNC(softmax_grad_blocks, float* __restrict__ dx, const float* __restrict__ y, const float* __restrict__ dy, float scale, i32 lines, i32 n) { softmax_grad_along<BLOCK>(dx, y, dy, scale, lines, n); }

// dx = dy - exp(y)·Σ dy
template <int BY>
DEVICE void log_softmax_grad_along(float* dx, const float* y, const float* dy, i32 lines, i32 n) {
  i64 k = line<BY>();
  i32 end = k < lines ? n : 0;
  dx += k * n, y += k * n, dy += k * n;
  float sum = 0;
  for (i32 i = TID; i < end; i += BDIM) sum += dy[i];
  sum = sum_of<BY>(sum);
  for (i32 i = TID; i < end; i += BDIM) dx[i] = dy[i] - exp32(y[i]) * sum;
}
KERNEL_SYNC(log_softmax_grad_warps, float* __restrict__ dx, const float* __restrict__ y, const float* __restrict__ dy, i32 lines, i32 n) { log_softmax_grad_along<WARP>(dx, y, dy, lines, n); }
KERNEL_SYNC(log_softmax_grad_blocks, float* __restrict__ dx, const float* __restrict__ y, const float* __restrict__ dy, i32 lines, i32 n) { log_softmax_grad_along<BLOCK>(dx, y, dy, lines, n); }

// Lines whose elements are inner apart.
DEVICE i64 first(i64 line, i32 n, i32 inner) { return line / inner * n * inner + line % inner; }

KERNEL(softmax_strided, float* __restrict__ y, const float* __restrict__ x, i32 lines, i32 n, i32 inner) {
  i64 k = index();
  if (k >= lines) return;
  i64 e = first(k, n, inner), end = e + (i64)n * inner;
  float top = -INFINITY32, sum = 0;
  for (i64 i = e; i < end; i += inner) top = larger(x[i], top);
  for (i64 i = e; i < end; i += inner) sum += exp32(x[i] - top);
  float part = 1 / sum;
  for (i64 i = e; i < end; i += inner) y[i] = exp32(x[i] - top) * part;
}

KERNEL(log_softmax_strided, float* __restrict__ y, const float* __restrict__ x, i32 lines, i32 n, i32 inner) {
  i64 k = index();
  if (k >= lines) return;
  i64 e = first(k, n, inner), end = e + (i64)n * inner;
  float top = -INFINITY32, sum = 0;
  for (i64 i = e; i < end; i += inner) top = larger(x[i], top);
  for (i64 i = e; i < end; i += inner) sum += exp32(x[i] - top);
  float log = log32(sum);
  for (i64 i = e; i < end; i += inner) y[i] = x[i] - top - log;
}

KERNEL(softmax_grad_strided, float* __restrict__ dx, const float* __restrict__ y, const float* __restrict__ dy, float scale, i32 lines, i32 n, i32 inner) {
  i64 k = index();
  if (k >= lines) return;
  i64 e = first(k, n, inner), end = e + (i64)n * inner;
  float dot = 0;
  for (i64 i = e; i < end; i += inner) dot += y[i] * dy[i];
  for (i64 i = e; i < end; i += inner) dx[i] = y[i] * (dy[i] - dot) * scale;
}

KERNEL(log_softmax_grad_strided, float* __restrict__ dx, const float* __restrict__ y, const float* __restrict__ dy, i32 lines, i32 n, i32 inner) {
  i64 k = index();
  if (k >= lines) return;
  i64 e = first(k, n, inner), end = e + (i64)n * inner;
  float sum = 0;
  for (i64 i = e; i < end; i += inner) sum += dy[i];
  for (i64 i = e; i < end; i += inner) dx[i] = dy[i] - exp32(y[i]) * sum;
}
