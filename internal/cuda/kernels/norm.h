// What the kernels of normalisations have in common: (x-mean)·rstd·gamma + beta with
// statistics by one layout and gamma and beta by another, see divide.h.
#pragma once
#include "divide.h"

// Options of a normalisation.
enum { RELU = 1, CONSTANT = 2, WEIGHTED = 4 };

// rstd returns 1/sqrt(v + eps + rest). The root and the quotient of single precision are
// off by a rounding each; one step of Newton's method, with the roundings of the sum and of
// the product added, makes the result almost always that of double precision, rounded once.
DEVICE float rstd(float v, float eps, float rest) {
  float s = v + eps, back = s - v, lost = (v - (s - back)) + (eps - back) + rest;
  float r = 1 / sqrt32(s), p = s * r;
  float miss = fma32(-p, r, 1) - (fma32(s, r, -p) + lost * r) * r;
  float better = fma32(0.5f * r, miss, r);
  return better == better ? better : r; // r is 0 or infinite, or NaN
}

// A Map is y = (x-mean)·a + b. The product and the sum are rounded once, as by the
// instructions that the CPU has for them.
struct Map {
  float mean, a, b;
};

DEVICE float apply(Map m, float x) { return fma32(x - m.mean, m.a, m.b); }

// passed returns what a gradient is before a ReLU of the map.
DEVICE float passed(Map m, float x, float dy) { return apply(m, x) <= 0 ? 0 : dy; }

// A Slope is dx = a·dy + (p·(x-mean) + q).
struct Slope {
  Map map;
  float p, q;
};

DEVICE float gradient(Slope s, float x, float dy, i32 options) {
  float d = options & RELU ? passed(s.map, x, dy) : dy;
  return options & CONSTANT ? s.map.a * d : fma32(s.map.a, d, fma32(s.p, x - s.map.mean, s.q));
}
