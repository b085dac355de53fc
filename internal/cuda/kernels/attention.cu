// The weights of attention: softmax along rows of keys, of those that a query may look at.
#include "lines.h"
#include "exp.h"

#define ATTENDING                                                                                                        \
  const float *__restrict__ x, const float *__restrict__ mask, const float *__restrict__ lengths, float scale, i32 masked, \
      i32 measured, i32 causal, i32 heads, i32 queries, i64 step_n, i64 step_h, i64 step_q, i32 step_key

// Row r is of sample n, head h and query q. It is 0 from the first key on that the query may
// not look at, and throughout if there is no other, or the mask leaves none.
template <int BY>
DEVICE void attend(float* y, ATTENDING, i32 rows, i32 keys) {
  i64 r = line<BY>();
  i32 end = 0;
  y += r * keys, x += r * keys;
  if (r < rows) {
    i32 n = (i32)r / (heads * queries), h = (i32)r / queries % heads, q = (i32)r % queries;
    end = causal && q < keys ? q + 1 : keys;
    if (measured && (i32)lengths[n] < end) end = (i32)lengths[n];
    if (masked) mask += n * step_n + h * step_h + q * step_q;
  }
  float top = -INFINITY32, sum = 0;
  for (i32 i = TID; i < end; i += BDIM) {
    float v = x[i] * scale;
    if (masked) v += mask[(i64)i * step_key];
    y[i] = v;
    top = larger(v, top);
  }
  top = max_of<BY>(top);
  bool none = top == -INFINITY32;
  for (i32 i = TID; i < end; i += BDIM) {
    y[i] = none ? 0 : exp32(y[i] - top);
    sum += y[i];
  }
  float part = 1 / sum_of<BY>(sum);
  for (i32 i = TID; i < (r < rows ? keys : 0); i += BDIM) y[i] = none || i >= end ? 0 : y[i] * part;
}

KERNEL_SYNC(attention_weights_warps, float* __restrict__ y, ATTENDING, i32 rows, i32 keys) {
  attend<WARP>(y, x, mask, lengths, scale, masked, measured, causal, heads, queries, step_n, step_h, step_q, step_key, rows, keys);
}
KERNEL_SYNC(attention_weights_blocks, float* __restrict__ y, ATTENDING, i32 rows, i32 keys) {
  attend<BLOCK>(y, x, mask, lengths, scale, masked, measured, causal, heads, queries, step_n, step_h, step_q, step_key, rows, keys);
}
