// Poolings that choose among the elements of a window: by their order, by a draw in
// proportion to them, or by the mean of that.
#include "philox.h"
#include "pool.h"

DEVICE bool before(float a, float b) { return a > b || (a != a && b == b); }

// rank is the place of an element of a window in order, of equals the first coming first.
DEVICE i32 rank_of(const Pool& g, Axes p, const float* x, i32 me) {
  i32 rank = 0;
  float v = x[me];
  each_input(g, p, [&](i32 at) { rank += at < me ? !before(v, x[at]) : before(x[at], v); });
  return rank;
}

KERNEL(rank_pool, float* __restrict__ y, const float* __restrict__ x, i32 n, POOL, const float* __restrict__ weights, i32 count) {
  Pool g = POOL_OF;
  i64 e = index();
  if (e >= n) return;
  Index p = index_of(e, g.out);
  x += (i64)p.number * size_of(g.in);
  float sum = 0;
  each_input(g, p.at, [&](i32 at) {
    i32 r = rank_of(g, p.at, x, at);
    if (r < count && weights[r] != 0) sum += weights[r] * x[at];
  });
  y[e] = sum;
}

KERNEL(rank_pool_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ dy, i32 n, POOL,
       const float* __restrict__ weights, i32 count) {
  Pool g = POOL_OF;
  i64 e = index();
  if (e >= n) return;
  Index q = index_of(e, g.in);
  x += (i64)q.number * size_of(g.in);
  dy += (i64)q.number * size_of(g.out);
  float sum = 0;
  each_output(g, q.at, [&](Axes p) {
    i32 r = rank_of(g, p, x, place_in(q.at, g.in));
    if (r < count && weights[r] != 0) sum += weights[r] * dy[place_in(p, g.out)];
  });
  dx[e] = sum;
}

// A Pick is where the element drawn is, -1 if there is none, and the sum of all that are
// positive or NaN.
struct Pick { i32 at; double total; };

// pick draws for output e, as internal/kernel/channels does.
DEVICE Pick pick(const Pool& g, Axes p, const float* x, const Stream& s, i64 e) {
  Pick out = {-1, 0};
  each_input(g, p, [&](i32 at) {
    if (!(x[at] <= 0)) out.total += x[at];
  });
  if (out.total != out.total) return out;
  Block128 b = philox_block(s, (u64)e / 4);
  u32 word = e & 2 ? (e & 1 ? b.w : b.z) : e & 1 ? b.y : b.x;
  double top = (double)word * 0x1p-32 * out.total, sum = 0;
  bool done = false;
  each_input(g, p, [&](i32 at) {
    float v = x[at];
    if (done || !(v > 0)) return;
    out.at = at;
    sum += v;
    done = sum > top || sum == out.total; // which may be infinite
  });
  return out;
}

KERNEL(sample_pool, float* __restrict__ y, const float* __restrict__ x, i32 n, POOL, const u32* __restrict__ draws) {
  Pool g = POOL_OF;
  i64 e = index();
  if (e >= n) return;
  Index p = index_of(e, g.out);
  x += (i64)p.number * size_of(g.in);
  Pick k = pick(g, p.at, x, stream_of(draws), e);
  y[e] = k.at < 0 ? (float)k.total : x[k.at];
}

KERNEL(sample_pool_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ dy, i32 n, POOL,
       const u32* __restrict__ draws) {
  Pool g = POOL_OF;
  i64 e = index();
  if (e >= n) return;
  Index q = index_of(e, g.in);
  i64 first = (i64)q.number * size_of(g.out);
  x += (i64)q.number * size_of(g.in);
  float sum = 0;
  each_output(g, q.at, [&](Axes p) {
    i64 at = first + place_in(p, g.out);
    if (pick(g, p, x, stream_of(draws), at).at == place_in(q.at, g.in)) sum += dy[at];
  });
  dx[e] = sum;
}

struct Mean { double value, total; };

// mean is that of a window weighted by its positive elements.
DEVICE Mean mean_of(const Pool& g, Axes p, const float* x) {
  double squares = 0;
  Mean m = {0, 0};
  each_input(g, p, [&](i32 at) {
    double v = x[at];
    if (!(v <= 0)) m.total += v, squares += v * v;
  });
  if (m.total == 0) return m;
  m.value = m.total == (double)INFINITY32 ? m.total : squares / m.total;
  return m;
}

KERNEL(own_pool, float* __restrict__ y, const float* __restrict__ x, i32 n, POOL) {
  Pool g = POOL_OF;
  i64 e = index();
  if (e >= n) return;
  Index p = index_of(e, g.out);
  y[e] = (float)mean_of(g, p.at, x + (i64)p.number * size_of(g.in)).value;
}

KERNEL(own_pool_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ dy, i32 n, POOL) {
  Pool g = POOL_OF;
  i64 e = index();
  if (e >= n) return;
  Index q = index_of(e, g.in);
  double v = x[e];
  x += (i64)q.number * size_of(g.in);
  dy += (i64)q.number * size_of(g.out);
  float sum = 0;
  if (!(v <= 0))
    each_output(g, q.at, [&](Axes p) {
      Mean m = mean_of(g, p, x);
      sum += (float)((double)dy[place_in(p, g.out)] * (2 * v - m.value) / m.total);
    });
  dx[e] = sum;
}
