// Steps of recurrent units: what goes on between the products with the state. One thread
// takes one unit of one sample.
#include "divide.h"
#include "math.h"

// A Step is a unit of this thread in a step, forwards or backwards.
struct Step {
  i32 n, unit;  // sample, and unit of it
  bool in, counts;
};

// step_of finds it among `state` units of all samples. What is beyond the length of a sample
// does not count.
DEVICE Step step_of(i32 state, i32 hidden, u64 divisor, const float* lengths, i32 t) {
  i64 i = index();
  Step s = {};
  if (i >= state) return s;
  s.in = true;
  s.n = (i32)divide((u32)i, divisor);
  s.unit = (i32)i - s.n * hidden;
  s.counts = !lengths || (float)t < lengths[s.n];
  return s;
}

DEVICE float at(const float* p, i32 i) { return p ? p[i] : 0; }

// pass writes the state of a unit, and what of it goes into the gates of the next step.
DEVICE void pass(float* h, float* masked, const float* factors, i32 i, float v) {
  h[i] = v;
  if (factors) masked[i] = v * factors[i];
}

// recurrent_masked is y = x·factors, for any number of states x.
KERNEL(recurrent_masked, float* __restrict__ y, const float* __restrict__ x, const float* __restrict__ factors, i32 n, i32 state, u64 divisor) {
  i64 i = index();
  if (i < n) y[i] = x[i] * factors[i - (i64)divide((u32)i, divisor) * state];
}

// The forward steps are given the gates before their functions, without the biases. They
// leave the gates after them; where a sample is over, 0, and the state as it was. With the
// biases nullptr there are none; `masked` is written where there are factors.

// Gates are i, f, g and o. c may be before, and cells of both their memory.
KERNEL(lstm_step, float* gates, const float* bias, const float* state_bias, const float* before, float* c, const float* h_before, float* h,
       float* masked, const float* factors, const float* lengths, i32 t, i32 state, i32 hidden, u64 divisor) {
  Step s = step_of(state, hidden, divisor, lengths, t);
  if (!s.in) return;
  i32 i = s.n * hidden + s.unit;
  float* g = gates + ((i64)s.n * 4 * hidden + s.unit);
  if (!s.counts) {
    for (i32 k = 0; k < 4; k++) g[k * hidden] = 0;
    c[i] = before[i];
    pass(h, masked, factors, i, h_before[i]);
    return;
  }
  float v[4];
  for (i32 k = 0; k < 4; k++) v[k] = g[k * hidden] + (at(bias, k * hidden + s.unit) + at(state_bias, k * hidden + s.unit));
  float in = sigmoid32(v[0]), forget = sigmoid32(v[1]), cell = tanh32(v[2]), out = sigmoid32(v[3]);
  g[0] = in, g[hidden] = forget, g[2 * hidden] = cell, g[3 * hidden] = out;
  float y = fma32(in, cell, before[i] * forget);
  c[i] = y;
  pass(h, masked, factors, i, tanh32(y) * out);
}

// Gates are r, z, n and what r is multiplied by; sums are what the state says of the first
// three, side by side for each sample.
KERNEL(gru_step, float* gates, const float* sums, const float* bias, const float* state_bias, const float* before, float* h, float* masked,
       const float* factors, const float* lengths, i32 t, i32 state, i32 hidden, u64 divisor) {
  Step s = step_of(state, hidden, divisor, lengths, t);
  if (!s.in) return;
  i32 i = s.n * hidden + s.unit;
  float* g = gates + ((i64)s.n * 4 * hidden + s.unit);
  const float* w = sums + ((i64)s.n * 3 * hidden + s.unit);
  float old = before[i];
  if (!s.counts) {
    for (i32 k = 0; k < 4; k++) g[k * hidden] = 0;
    pass(h, masked, factors, i, old);
    return;
  }
  float x[3], y[3];
  for (i32 k = 0; k < 3; k++) {
    x[k] = g[k * hidden] + at(bias, k * hidden + s.unit);
    y[k] = w[k * hidden] + at(state_bias, k * hidden + s.unit);
  }
  float r = sigmoid32(x[0] + y[0]), z = sigmoid32(x[1] + y[1]), n = tanh32(fma32(r, y[2], x[2]));
  g[0] = r, g[hidden] = z, g[2 * hidden] = n, g[3 * hidden] = y[2];
  pass(h, masked, factors, i, fma32(z, old - n, n));
}

// h holds what goes into its function, the hyperbolic tangent or ReLU.
KERNEL(rnn_step, float* h, const float* bias, const float* state_bias, const float* before, float* masked, const float* factors,
       const float* lengths, i32 t, i32 relu, i32 state, i32 hidden, u64 divisor) {
  Step s = step_of(state, hidden, divisor, lengths, t);
  if (!s.in) return;
  i32 i = s.n * hidden + s.unit;
  float v = h[i] + (at(bias, s.unit) + at(state_bias, s.unit));
  v = relu ? (v <= 0 ? 0 : v) : tanh32(v);
  pass(h, masked, factors, i, s.counts ? v : before[i]);
}

// Backwards, the gradient of the state after a step is what is given of it, and what the step
// after it says: by its gates, in sums, and by other ways, in carry. Both may be nullptr. A
// step writes the gradients of what goes into its gates, and what it carries to the state
// before it.

DEVICE float state_grad(const float* given, const float* sums, const float* factors, const float* carry, i32 i) {
  float v = at(sums, i);
  if (factors) v *= factors[i];
  return v + given[i] + at(carry, i);
}

// slope is that of a sigmoid with value y, and curve of a hyperbolic tangent.
DEVICE float slope(float y) { return y * (1 - y); }
DEVICE float curve(float y) { return 1 - y * y; }

// dc comes in as the gradient of the cell after the step, and goes out as that of the one
// before it.
KERNEL(lstm_step_grad, float* d, float* dc, const float* gates, const float* c, const float* before, const float* given, const float* sums,
       const float* factors, const float* carry, float* carried, const float* lengths, i32 t, i32 state, i32 hidden, u64 divisor) {
  Step s = step_of(state, hidden, divisor, lengths, t);
  if (!s.in) return;
  i32 i = s.n * hidden + s.unit;
  i64 first = (i64)s.n * 4 * hidden + s.unit;
  float dh = state_grad(given, sums, factors, carry, i);
  if (carried) carried[i] = s.counts ? 0 : dh;
  if (!s.counts) {
    for (i32 k = 0; k < 4; k++) d[first + k * hidden] = 0;
    return;
  }
  const float* g = gates + first;
  float in = g[0], forget = g[hidden], cell = g[2 * hidden], out = g[3 * hidden], y = tanh32(c[i]);
  float inner = fma32(curve(y), out * dh, dc[i]);
  d[first] = slope(in) * (cell * inner);
  d[first + hidden] = slope(forget) * (before[i] * inner);
  d[first + 2 * hidden] = curve(cell) * (in * inner);
  d[first + 3 * hidden] = slope(out) * (y * dh);
  dc[i] = forget * inner;
}

KERNEL(gru_step_grad, float* d, const float* gates, const float* before, const float* given, const float* sums, const float* factors,
       const float* carry, float* carried, const float* lengths, i32 t, i32 state, i32 hidden, u64 divisor) {
  Step s = step_of(state, hidden, divisor, lengths, t);
  if (!s.in) return;
  i32 i = s.n * hidden + s.unit;
  i64 first = (i64)s.n * 4 * hidden + s.unit;
  float dh = state_grad(given, sums, factors, carry, i);
  if (!s.counts) {
    carried[i] = dh;
    for (i32 k = 0; k < 4; k++) d[first + k * hidden] = 0;
    return;
  }
  const float* g = gates + first;
  float r = g[0], z = g[hidden], n = g[2 * hidden], inner = curve(n) * ((1 - z) * dh);
  d[first] = slope(r) * (g[3 * hidden] * inner);
  d[first + hidden] = slope(z) * ((before[i] - n) * dh);
  d[first + 2 * hidden] = inner;
  d[first + 3 * hidden] = r * inner;
  carried[i] = z * dh;
}

KERNEL(rnn_step_grad, float* d, const float* h, const float* given, const float* sums, const float* factors, const float* carry, float* carried,
       const float* lengths, i32 t, i32 relu, i32 state, i32 hidden, u64 divisor) {
  Step s = step_of(state, hidden, divisor, lengths, t);
  if (!s.in) return;
  i32 i = s.n * hidden + s.unit;
  float dh = state_grad(given, sums, factors, carry, i), y = h[i];
  if (carried) carried[i] = s.counts ? 0 : dh;
  if (relu) {
    d[i] = s.counts && !(y <= 0) ? dh : 0;
  } else {
    d[i] = s.counts ? curve(y) * dh : 0;
  }
}

// recurrent_first is the gradient of the first state.
KERNEL(recurrent_first, float* d, const float* given, const float* sums, const float* factors, const float* carry, i32 n) {
  i64 i = index();
  if (i < n) d[i] = state_grad(given, sums, factors, carry, (i32)i);
}
