// Activations and their gradients. The CPU computes them in double precision and rounds;
// here they are single, as graphics cards have little of the other, so results differ by a
// few units in the last place of the larger term.
#include "each.h"
#include "math.h"

KERNEL(sigmoid, float* __restrict__ y, const float* __restrict__ x, i32 n) {
  each(y, x, n, [](float v) { return sigmoid32(v); });
}

KERNEL(sigmoid_grad, float* __restrict__ dx, const float* __restrict__ y, const float* __restrict__ dy, i32 n) {
  each(dx, y, dy, n, [](float p, float d) { return d * (p * (1 - p)); });
}

KERNEL(tanh, float* __restrict__ y, const float* __restrict__ x, i32 n) {
  each(y, x, n, [](float v) { return tanh32(v); });
}

// (1-y)·(1+y) keeps the digits that 1-y² loses.
KERNEL(tanh_grad, float* __restrict__ dx, const float* __restrict__ y, const float* __restrict__ dy, i32 n) {
  each(dx, y, dy, n, [](float t, float d) { return d * ((1 - t) * (1 + t)); });
}

KERNEL(silu, float* __restrict__ y, const float* __restrict__ x, i32 n) {
  each(y, x, n, [](float v) { return v * sigmoid32(v); });
}

// p·(1+x·(1-p)), where 1-p is the sigmoid of -x, which keeps its digits.
KERNEL(silu_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ dy, i32 n) {
  each(dx, x, dy, n, [](float v, float d) { return d * (sigmoid32(v) * fma32(v, sigmoid32(-v), 1)); });
}

KERNEL(gelu, float* __restrict__ y, const float* __restrict__ x, i32 n) {
  each(y, x, n, [](float v) { return v * normal32(v).phi; });
}

KERNEL(gelu_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ dy, i32 n) {
  each(dx, x, dy, n, [](float v, float d) {
    Normal u = normal32(v);
    return d * fma32(v, 0.398942280f * u.e, u.phi); // 1/√(2π)
  });
}

// gelu_inner is 2u for u = √(2/π)·(x+0.044715·x³): (1+tanh(u))/2 is sigmoid(2u), which does
// not cancel.
DEVICE float gelu_inner(float x) { return x * fma32(0.0713548163f, x * x, 1.59576912f); }

KERNEL(gelu_tanh, float* __restrict__ y, const float* __restrict__ x, i32 n) {
  each(y, x, n, [](float v) { return v * sigmoid32(gelu_inner(v)); });
}

KERNEL(gelu_tanh_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ dy, i32 n) {
  each(dx, x, dy, n, [](float v, float d) {
    float u = gelu_inner(v), near = v > 100 ? 100 : v < -100 ? -100 : v; // beyond, p·(1-p) is 0
    float du = fma32(0.214064449f, near * near, 1.59576912f), p = sigmoid32(u);
    return d * fma32(du, v * (p * sigmoid32(-u)), p);
  });
}

// a·x where x > 0, else b·(e^x-1)
KERNEL(elu, float* __restrict__ y, const float* __restrict__ x, float a, float b, i32 n) {
  each(y, x, n, [=](float v) { return v > 0 ? a * v : b * expm1_32(v); });
}

KERNEL(elu_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ dy, float a, float b, i32 n) {
  each(dx, x, dy, n, [=](float v, float d) { return d * (v > 0 ? a : b * exp32(v)); });
}

// log(1+e^z)/beta for z = beta·x, or x where z is above the threshold
KERNEL(softplus, float* __restrict__ y, const float* __restrict__ x, float beta, float threshold, i32 n) {
  each(y, x, n, [=](float v) {
    float z = beta * v, e = exp32(z > 0 ? -z : z);
    return z > threshold ? v : ((z < 0 ? 0 : z) + log1p32(e)) / beta;
  });
}

KERNEL(softplus_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ dy, float beta, float threshold, i32 n) {
  each(dx, x, dy, n, [=](float v, float d) { return beta * v > threshold ? d : d * sigmoid32(beta * v); });
}
