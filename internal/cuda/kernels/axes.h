// Up to three spatial axes.
#pragma once
#include "device.h"

struct Axes { i32 d, h, w; };

#define AXES(name) i32 name##_d, i32 name##_h, i32 name##_w
#define AXES_OF(name) {name##_d, name##_h, name##_w}

// An Index is a number and a position.
struct Index { i32 number; Axes at; };

DEVICE Index index_of(i32 i, Axes n) {
  u32 w = n.w, h = n.h, d = n.d, lines = (u32)i / w, planes = lines / h;
  return {(i32)(planes / d), {(i32)(planes % d), (i32)(lines % h), (i32)((u32)i % w)}};
}
