// The windows of a pooling: output p sees the inputs p·stride - pad + k·dilation that there
// are, for k within the kernel.
#pragma once
#include "axes.h"

struct Pool { Axes in, out, kernel, stride, pad, dilation; };

#define POOL AXES(in), AXES(out), AXES(kernel), AXES(stride), AXES(pad), AXES(dilation)
#define POOL_OF {AXES_OF(in), AXES_OF(out), AXES_OF(kernel), AXES_OF(stride), AXES_OF(pad), AXES_OF(dilation)}

// each_input calls f with the place in its map of each input that output p sees, in order.
template <class F> DEVICE void each_input(const Pool& g, Axes p, F f) {
  for (i32 i = 0; i < g.kernel.d; i++) {
    i32 d = p.d * g.stride.d - g.pad.d + i * g.dilation.d;
    if ((u32)d >= (u32)g.in.d) continue;
    for (i32 j = 0; j < g.kernel.h; j++) {
      i32 h = p.h * g.stride.h - g.pad.h + j * g.dilation.h;
      if ((u32)h >= (u32)g.in.h) continue;
      for (i32 k = 0; k < g.kernel.w; k++) {
        i32 w = p.w * g.stride.w - g.pad.w + k * g.dilation.w;
        if ((u32)w < (u32)g.in.w) f((d * g.in.h + h) * g.in.w + w);
      }
    }
  }
}

// Outputs along one axis that may see an input: each must be a whole number of dilations away.
struct Seen { i32 from, to, at, stride, dilation; };

DEVICE Seen seen_by(i32 at, i32 out, i32 kernel, i32 stride, i32 pad, i32 dilation) {
  at += pad;
  i32 reach = at - (kernel - 1) * dilation, to = at / stride;
  return {reach > 0 ? (reach + stride - 1) / stride : 0, to < out ? to : out - 1, at, stride, dilation};
}

DEVICE bool sees(const Seen& s, i32 p) { return s.dilation == 1 || (s.at - p * s.stride) % s.dilation == 0; }

// each_output calls f with each output that sees an input, in order.
template <class F> DEVICE void each_output(const Pool& g, Axes at, F f) {
  Seen d = seen_by(at.d, g.out.d, g.kernel.d, g.stride.d, g.pad.d, g.dilation.d);
  Seen h = seen_by(at.h, g.out.h, g.kernel.h, g.stride.h, g.pad.h, g.dilation.h);
  Seen w = seen_by(at.w, g.out.w, g.kernel.w, g.stride.w, g.pad.w, g.dilation.w);
  for (i32 i = d.from; i <= d.to; i++)
    for (i32 j = h.from; j <= h.to; j++)
      for (i32 k = w.from; k <= w.to; k++)
        if (sees(d, i) && sees(h, j) && sees(w, k)) f(Axes{i, j, k});
}

DEVICE i32 size_of(Axes n) { return n.d * n.h * n.w; }
DEVICE i32 place_in(Axes at, Axes n) { return (at.d * n.h + at.h) * n.w + at.w; }
