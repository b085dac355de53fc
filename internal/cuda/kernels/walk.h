// The elements of a group of a layout, see divide.h, as a thread of a block meets them.
#pragma once
#include "device.h"

struct Walk {
  i64 at;     // the element
  i32 left;   // so many more, with this one
  i32 inner;  // of the layout
  i32 i;      // within its run of inner
  i32 di;     // what one step adds to i,
  i64 step;   // to at,
  i64 wrap;   // and to at where i reaches inner
};

// walk is this thread's part of the elements [from, to) of a group: every BDIM-th.
DEVICE Walk walk(i32 from, i32 to, i32 group, i32 groups, i32 inner) {
  i32 e = from + (i32)TID, row = e / inner, rows = (i32)BDIM / inner;
  Walk w;
  w.inner = inner;
  w.i = e % inner;
  w.di = (i32)BDIM % inner;
  w.at = ((i64)row * groups + group) * inner + w.i;
  w.step = (i64)rows * groups * inner + w.di;
  w.wrap = (i64)(groups - 1) * inner;
  w.left = e < to ? (to - 1 - e) / (i32)BDIM + 1 : 0;
  return w;
}

// walk_column is the same for rows [from, to) of a column: every BDIMY-th.
DEVICE Walk walk_column(i32 from, i32 to, i32 column, i32 columns) {
  i32 row = from + (i32)TIDY;
  Walk w;
  w.inner = 1 << 30;
  w.i = w.di = 0;
  w.at = (i64)row * columns + column;
  w.step = (i64)BDIMY * columns;
  w.wrap = 0;
  w.left = row < to && column < columns ? (to - 1 - row) / (i32)BDIMY + 1 : 0;
  return w;
}

DEVICE void advance(Walk& w) {
  w.left--;
  w.at += w.step;
  w.i += w.di;
  if (w.i >= w.inner) {
    w.i -= w.inner;
    w.at += w.wrap;
  }
}
