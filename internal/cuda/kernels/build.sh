#!/bin/sh
# Compiles every kernel to PTX: go generate ./internal/cuda/kernels. Debian's clang-19 is
# enough. Without -ffp-contract=off a product and a sum could become one rounding where the
# source has two; compute capability 7.5 and PTX 7.8 are what drivers from 520 on take.
set -e
cd "$(dirname "$0")"
for source in ${*:-*.cu}; do
  "${CLANG:-clang-19}" -x cuda --cuda-device-only -nocudainc -nocudalib --cuda-gpu-arch=sm_75 --cuda-feature=+ptx78 \
    -std=c++17 -O3 -ffp-contract=off -Wall -S "$source" -o "${source%.cu}.ptx"
done
