// What is done to the elements of a product of a matrix with itself.
#include "device.h"

// A product of n by n, less the identity.
KERNEL(less_identity, float* y, i32 n) {
  i64 i = index();
  if (i < n) y[i * n + i] -= 1;
}

KERNEL(twice, float* y, i32 n) {
  i64 i = index();
  if (i < n) y[i] *= 2;
}
