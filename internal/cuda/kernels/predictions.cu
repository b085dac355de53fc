// What layers with DropConnect make of a mean and a deviation, and copies of batches.
#include "divide.h"
#include "double.h"
#include "four.h"

// y is x times a number.
KERNEL(scaled, float* __restrict__ y, const float* __restrict__ x, float a, i32 n) {
  i64 e = 4 * index();
  if (e < n) store4(y, e, n, load4(x, e, n) * a);
}

// y is √(a·x), and 0 where rounding left x below 0.
KERNEL(root, float* __restrict__ y, const float* __restrict__ x, double a, i32 n) {
  i64 e = index();
  if (e < n) y[e] = (float)sqrt64(a * (x[e] < 0 ? 0 : x[e]));
}

// dx is dy·a/(2y), and 0 where y is.
KERNEL(root_grad, float* __restrict__ dx, const float* __restrict__ y, const float* __restrict__ dy, double a, i32 n) {
  i64 e = index();
  if (e < n) dx[e] = y[e] == 0 ? 0 : (float)(dy[e] * a / (2 * (double)y[e]));
}

// erfc64 is 1 - erf(x), to 1e-12 of itself. Near 0 it is made of the series
//
//	erf(x) = 2/√π · exp(-x²) · Σ 2ⁿ·x^(2n+1) / (1·3·5···(2n+1))
//
// all of whose terms are positive, and further out of a continued fraction.
//
// Source: Abramowitz, Stegun, Handbook of Mathematical Functions, 7.1.6 and 7.1.14.
DEVICE double erfc64(double x) {
  double a = x < 0 ? -x : x, tail;
  if (a > 27) {
    tail = 0;
  } else if (a < 2.5) {
    double term = a, sum = a;
    for (int n = 1; n < 60; n++) sum += term *= 2 * a * a / (2 * n + 1);
    tail = 1 - 1.1283791670955126 * exp64(-a * a) * sum;
  } else {
    double f = a;
    for (int n = 60; n >= 1; n--) f = a + n * 0.5 / f;
    tail = 0.5641895835477563 * exp64(-a * a) / f;
  }
  return x != x ? x : x < 0 ? 2 - tail : tail;
}

struct Bell {
  double below, density;
};

// bell is Φ and φ of m/s; in the limit of s = 0 the step at 0, and 0.
DEVICE Bell bell(double m, double s) {
  if (s == 0) return {m > 0 ? 1.0 : 0.0, 0};
  double z = m / s;
  return {erfc64(-z / 1.4142135623730951) / 2, exp64(-z * z / 2) * 0.3989422804014327};
}

// y is the mean of max(u, 0) for normal u of mean m and deviation s.
KERNEL(expected_relu, float* __restrict__ y, const float* __restrict__ m, const float* __restrict__ s, i32 n) {
  i64 e = index();
  if (e >= n) return;
  Bell b = bell(m[e], s[e]);
  double v = s[e] * b.density + (b.below == 0 ? 0 : m[e] * b.below);
  y[e] = v < 0 ? 0 : (float)v; // far below 0 they cancel
}

// d is the gradient by m, or by s if `deviation`.
KERNEL(expected_relu_grad, float* __restrict__ d, const float* __restrict__ m, const float* __restrict__ s, const float* __restrict__ dy, i32 deviation, i32 n) {
  i64 e = index();
  if (e >= n) return;
  Bell b = bell(m[e], s[e]);
  d[e] = (float)((deviation ? b.density : b.below) * dy[e]);
}

// y is the mean of z copies of n elements behind each other.
KERNEL(mean_of_copies, float* __restrict__ y, const float* __restrict__ x, float part, i32 z, i32 n) {
  i64 e = index();
  if (e >= n) return;
  double sum = 0;
  for (i32 k = 0; k < z; k++) sum += x[(i64)k * n + e];
  y[e] = (float)sum * part;
}

// x is z copies of n elements times a number.
KERNEL(copies, float* __restrict__ x, const float* __restrict__ y, float part, i32 z, i32 n) {
  i64 e = index();
  if (e >= n) return;
  for (i32 k = 0; k < z; k++) x[(i64)k * n + e] = y[e] * part;
}

// y[i,t] is x[i,t+1] - x[i,t], of so many elements a step; y has `size` a sample.
KERNEL(time_difference, float* __restrict__ y, const float* __restrict__ x, u64 size, i32 width, i32 n) {
  i64 e = index();
  if (e >= n) return;
  i64 at = e + (i64)divide((u32)e, size) * width;
  y[e] = x[at + width] - x[at];
}

// dx[i,t] is dy[i,t-1] - dy[i,t], where dy outside of its steps is 0; dx has `size` elements
// a sample, and the last step begins at `last`.
KERNEL(time_difference_grad, float* __restrict__ dx, const float* __restrict__ dy, u64 size, i32 of, i32 last, i32 width, i32 n) {
  i64 e = index();
  if (e >= n) return;
  i64 sample = divide((u32)e, size), at = e - sample * width, within = e - sample * of;
  dx[e] = within < width ? -dy[at] : within >= last ? dy[at - width] : dy[at - width] - dy[at];
}
