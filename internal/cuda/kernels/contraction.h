// A convolution, and the gradients of its input and its weight, are sums of one form:
//
//   to[row, column] = Σ over terms of left[row, term] · x[column, term]
//
// A column and a term are each a number and a position on three axes. The two say where in x
// an element lies, by sums: its offset, and its coordinates, outside of which x is 0.
#pragma once
#include "axes.h"

struct Contraction {
  i32 groups, rows, columns, terms;  // of a group
  i32 toGroup, leftGroup, xGroup;    // elements from group to group
  Axes in;                           // of x
  Axes column;                       // how many positions: the number is what is left
  i32 columnX;                       // elements of x from number to number
  Axes scale, shift;                 // position p has the coordinate p·scale + shift
  i32 columnTo;                      // elements of the result from number to number
  Axes columnToAxes;                 // and from position to position
  Axes term;                         // as for columns
  i32 termX;
  Axes apart;                        // position p adds p·apart to the coordinate
  i32 termLeft;
  Axes termLeftAxes;
  i32 toRow, leftRow;                // elements from row to row
  i32 splits, share;                 // a split is so many terms, all of a whole slice
};

#define CONTRACTION                                                                                                    \
  i32 groups, i32 rows, i32 columns, i32 terms, i32 to_group, i32 left_group, i32 x_group, AXES(in), AXES(column),     \
      i32 column_x, AXES(scale), AXES(shift), i32 column_to, AXES(to), AXES(term), i32 term_x, AXES(apart),            \
      i32 term_left, AXES(left), i32 to_row, i32 left_row, i32 splits, i32 share
#define CONTRACTION_OF                                                                                                 \
  {groups, rows, columns, terms, to_group, left_group, x_group, AXES_OF(in), AXES_OF(column), column_x,                \
   AXES_OF(scale), AXES_OF(shift), column_to, AXES_OF(to), AXES_OF(term), term_x, AXES_OF(apart), term_left,           \
   AXES_OF(left), to_row, left_row, splits, share}

// add moves an index on by another one.
DEVICE void add(Index& i, const Index& step, Axes n) {
  i.at.w += step.at.w;
  i.at.h += step.at.h;
  i.at.d += step.at.d;
  i.number += step.number;
  if (i.at.w >= n.w) i.at.w -= n.w, i.at.h++;
  if (i.at.h >= n.h) i.at.h -= n.h, i.at.d++;
  if (i.at.d >= n.d) i.at.d -= n.d, i.number++;
}

// A Place is an offset in x and coordinates. That of a column and that of a term add up to
// those of an element.
struct Place { i32 offset; Axes at; };

DEVICE Place place_of(i32 number, i32 apart, Axes at, Axes in) { return {number * apart + (at.d * in.h + at.h) * in.w + at.w, at}; }

DEVICE Place column_place(const Contraction& c, const Index& i) {
  return place_of(i.number, c.columnX, {i.at.d * c.scale.d + c.shift.d, i.at.h * c.scale.h + c.shift.h, i.at.w * c.scale.w + c.shift.w}, c.in);
}

DEVICE Place term_place(const Contraction& c, const Index& i) {
  return place_of(i.number, c.termX, {i.at.d * c.apart.d, i.at.h * c.apart.h, i.at.w * c.apart.w}, c.in);
}

DEVICE i32 offset_of(const Index& i, i32 number, Axes n) { return i.number * number + i.at.d * n.d + i.at.h * n.h + i.at.w * n.w; }

DEVICE float element(const float* x, const Place& a, const Place& b, Axes in) {
  bool inside = (u32)(a.at.d + b.at.d) < (u32)in.d && (u32)(a.at.h + b.at.h) < (u32)in.h && (u32)(a.at.w + b.at.w) < (u32)in.w;
  return inside ? x[a.offset + b.offset] : 0;
}
