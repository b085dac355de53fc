// The updates of parameters by their gradients: of all parameters by one launch, whose
// blocks take a chunk each. The arithmetic is that of internal/kernel/vec/optimizers.go in
// its order, so that the bits are those of the CPU.
#include "device.h"

// A Parameter is one of the model, with all that an update of it takes. It is written by the
// host before each step.
struct Parameter {
  float* p;
  const float* g;     // nullptr leaves the parameter alone
  float* moments[3];  // as many as the rule has
  i64 n;
  float limit, decay;
  float number[8];  // of the rule
};

// A Chunk is kChunk elements of a parameter, the last one of it perhaps fewer.
struct Chunk {
  i32 parameter, number;
};
static const int kChunk = 2048;

struct alignas(16) Four {
  float v[4];
};

// incoming makes of the gradient of an element p what the rules work on.
DEVICE float incoming(float g, float p, float scale, float limit, float decay) {
  g *= scale;
  if (g > limit) {
    g = limit;
  } else if (g < -limit) {
    g = -limit;
  }
  if (decay != 0) g += decay * p;
  return g;
}

// A Rule changes an element p and its moments m by the incoming gradient d; k are the
// numbers of the rule.
typedef void Rule(float& p, float d, float* m, const float* k);

// each updates the elements of a chunk by a rule with M moments.
template <int M, Rule rule>
DEVICE void each(const Parameter* parameters, const Chunk* chunks, const float* scale_at) {
  Chunk c = chunks[BID];
  const Parameter& a = parameters[c.parameter];
  if (!a.g) return;
  float scale = *scale_at, limit = a.limit, decay = a.decay, k[8];
  for (int i = 0; i < 8; i++) k[i] = a.number[i];
  i64 from = (i64)c.number * kChunk;
  i32 n = a.n - from < kChunk ? (i32)(a.n - from) : kChunk;
  float* p = a.p + from;
  const float* g = a.g + from;
  float* moments[M + 1];
  u64 address = (u64)p | (u64)g;
  for (int j = 0; j < M; j++) {
    moments[j] = a.moments[j] + from;
    address |= (u64)moments[j];
  }
  if (n < kChunk || address % sizeof(Four)) {
    for (i32 i = TID; i < n; i += BDIM) {
      float m[M + 1], v = p[i];
      for (int j = 0; j < M; j++) m[j] = moments[j][i];
      rule(v, incoming(g[i], v, scale, limit, decay), m, k);
      p[i] = v;
      for (int j = 0; j < M; j++) moments[j][i] = m[j];
    }
    return;
  }
  for (i32 i = TID; i < kChunk / 4; i += BDIM) {
    Four v = ((Four*)p)[i], d = ((const Four*)g)[i], all[M + 1];
    for (int j = 0; j < M; j++) all[j] = ((Four*)moments[j])[i];
    for (int e = 0; e < 4; e++) {
      float m[M + 1];
      for (int j = 0; j < M; j++) m[j] = all[j].v[e];
      rule(v.v[e], incoming(d.v[e], v.v[e], scale, limit, decay), m, k);
      for (int j = 0; j < M; j++) all[j].v[e] = m[j];
    }
    ((Four*)p)[i] = v;
    for (int j = 0; j < M; j++) ((Four*)moments[j])[i] = all[j];
  }
}

// deviation returns the root of the variance v-a², which rounding may leave a little below
// zero. NaN stays.
DEVICE float deviation(float v, float a) {
  float d = v - a * a;
  return sqrt32(d < 0 ? 0 : d);
}

DEVICE void descend(float& p, float d, float*, const float* k) { p -= k[0] * d; }

DEVICE void roll(float& p, float d, float* m, const float* k) {
  m[0] = k[1] * m[0] + k[2] * d;
  p -= k[0] * m[0];
}

DEVICE void nesterov(float& p, float d, float* m, const float* k) {
  m[0] = k[1] * m[0] + k[2] * d;
  p -= k[0] * (d + k[3] * m[0]);
}

DEVICE void adam(float& p, float d, float* m, const float* k) {
  m[0] = k[1] * m[0] + k[2] * d;
  m[1] = k[3] * m[1] + k[4] * d * d;
  p = k[0] * p - k[5] * m[0] / (sqrt32(m[1]) / k[6] + k[7]);
}

DEVICE void amsgrad(float& p, float d, float* m, const float* k) {
  m[0] = k[1] * m[0] + k[2] * d;
  m[1] = k[3] * m[1] + k[4] * d * d;
  if (!(m[1] <= m[2]) && m[2] == m[2]) m[2] = m[1];  // the larger one; NaN stays
  p = k[0] * p - k[5] * m[0] / (sqrt32(m[2]) / k[6] + k[7]);
}

DEVICE void rmsprop(float& p, float d, float* m, const float* k) {
  m[0] = k[0] * m[0] + k[1] * d * d;
  p -= k[4] * d / (sqrt32(m[0]) + k[2]);
}

DEVICE void rmsprop_momentum(float& p, float d, float* m, const float* k) {
  m[0] = k[0] * m[0] + k[1] * d * d;
  m[1] = k[3] * m[1] + d / (sqrt32(m[0]) + k[2]);
  p -= k[4] * m[1];
}

DEVICE void rmsprop_centered(float& p, float d, float* m, const float* k) {
  m[0] = k[0] * m[0] + k[1] * d * d;
  m[1] = k[0] * m[1] + k[1] * d;
  p -= k[4] * d / (deviation(m[0], m[1]) + k[2]);
}

DEVICE void rmsprop_both(float& p, float d, float* m, const float* k) {
  m[0] = k[0] * m[0] + k[1] * d * d;
  m[2] = k[0] * m[2] + k[1] * d;
  m[1] = k[3] * m[1] + d / (deviation(m[0], m[2]) + k[2]);
  p -= k[4] * m[1];
}

DEVICE void adagrad(float& p, float d, float* m, const float* k) {
  m[0] += d * d;
  p -= k[0] * d / (sqrt32(m[0]) + k[1]);
}

#define UPDATE(rule, moments) \
  KERNEL(update_##rule, const Parameter* parameters, const Chunk* chunks, const float* scale) { each<moments, rule>(parameters, chunks, scale); }

UPDATE(descend, 0)
UPDATE(roll, 1)
UPDATE(nesterov, 1)
UPDATE(adam, 2)
UPDATE(amsgrad, 3)
UPDATE(rmsprop, 1)
UPDATE(rmsprop_momentum, 2)
UPDATE(rmsprop_centered, 2)
UPDATE(rmsprop_both, 3)
UPDATE(adagrad, 1)

// The norm of all gradients is taken in float64, which neither overflows nor drifts, as on
// the CPU; the order differs from there, and is the same in every run.

static const int kThreads = 256;

// block_sum returns to thread 0 the sum over the threads of a block.
DEVICE double block_sum(double t) {
  SHARED double part[kThreads];
  part[TID] = t;
  SYNC();
  for (u32 half = kThreads / 2; half; half /= 2) {
    if (TID < half) part[TID] += part[TID + half];
    SYNC();
  }
  return part[0];
}

// clip_squares sums the squares of the gradient over each chunk.
KERNEL_SYNC(clip_squares, const Parameter* parameters, const Chunk* chunks, double* sums) {
  Chunk c = chunks[BID];
  const Parameter& a = parameters[c.parameter];
  double t = 0;
  if (a.g) {
    i64 from = (i64)c.number * kChunk, end = from + kChunk < a.n ? from + kChunk : a.n;
    for (i64 i = from + TID; i < end; i += kThreads) t = fma64(a.g[i], a.g[i], t);
  }
  t = block_sum(t);
  if (TID == 0) sums[BID] = t;
}

// clip_scale makes of the n sums the norm, and of that what brings it to most at most.
KERNEL_SYNC(clip_scale, const double* sums, i32 n, double most, double* norm, float* scale) {
  double t = 0;
  for (i32 i = TID; i < n; i += kThreads) t += sums[i];
  t = block_sum(t);
  if (TID) return;
  t = sqrt64(t);
  *norm = t;
  double s = most / (t + 1e-6);
  *scale = s > 1 ? 1 : (float)s;  // a NaN stays NaN
}
