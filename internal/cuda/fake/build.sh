#!/bin/sh
# Builds the fake driver, with all kernels for the host, in a folder: build.sh DIR.
set -e
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$here/../kernels"
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT
# As many at a time as there are processors.
ls ./*.cu ../fake/emu.cpp ../fake/driver.cpp | xargs -P "$(nproc)" -I{} sh -c '
  g++ -x c++ -std=c++17 -O2 -g1 -fPIC -ffp-contract=off -mfma -fno-strict-aliasing -DTHINNET_HOST -Wall -Wno-unknown-pragmas \
    -c "$1" -o "$2/$(basename "$1").o"' sh {} "$objects"
g++ -shared -fPIC "$objects"/*.o -o "$out/libcuda.so.1.new" -Wl,-soname,libcuda.so.1
mv "$out/libcuda.so.1.new" "$out/libcuda.so.1"
g++ -x c++ -std=c++17 -O3 -fPIC -ffp-contract=off -mfma -Wall -shared ../fake/blas.cpp -o "$out/libcublas.so.13.new" -Wl,-soname,libcublas.so.13
mv "$out/libcublas.so.13.new" "$out/libcublas.so.13"
