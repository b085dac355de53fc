// What kernels are written in: one source, compiled by clang to PTX for the device, without
// the CUDA toolkit, and by a C++ compiler for the host, where a fake driver runs it in tests.
// Nothing of a device library is used, so what is computed is what stands here.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;
typedef long long i64;
typedef float f32x4 __attribute__((vector_size(16))); // of memory at a multiple of 16 bytes, one access

// KERNEL begins a kernel whose threads do not wait for one another. One that calls SYNC or
// shuffles begins with KERNEL_SYNC: on the host its threads are fibres, which is slower.
#if defined(THINNET_HOST)

#include "../fake/emu.h"
#define KERNEL_OF(waits, name, ...)                                \
  static void host_##name(__VA_ARGS__);                            \
  static emu::Kernel kernel_##name(#name, &host_##name, waits);    \
  static void host_##name(__VA_ARGS__)
#define KERNEL(name, ...) KERNEL_OF(false, name, __VA_ARGS__)
#define KERNEL_SYNC(name, ...) KERNEL_OF(true, name, __VA_ARGS__)
#define DEVICE static inline
#define SHARED static __attribute__((section("shared_memory")))
#define TID (emu::thread.x)
#define TIDY (emu::thread.y)
#define BID (emu::block.x)
#define BIDY (emu::block.y)
#define BIDZ (emu::block.z)
#define BDIM (emu::threads.x)
#define BDIMY (emu::threads.y)
#define GDIM (emu::blocks.x)
#define SYNC() emu::sync()
DEVICE float shuffle_xor(float v, int m) { return emu::shuffle_xor(v, m); }
DEVICE float fma32(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
DEVICE double fma64(double a, double b, double c) { return __builtin_fma(a, b, c); }
DEVICE float sqrt32(float a) { return __builtin_sqrtf(a); }
DEVICE double sqrt64(double a) { return __builtin_sqrt(a); }
DEVICE void atomic_min(u64* p, u64 v) {
  if (v < *p) *p = v;
}
DEVICE void atomic_add(u32* p, u32 v) { *p += v; }

#else

#define KERNEL(name, ...) extern "C" __attribute__((global)) void name(__VA_ARGS__)
#define KERNEL_SYNC KERNEL
#define DEVICE static inline __attribute__((device)) __attribute__((always_inline))
#define SHARED __attribute__((shared))
#define TID ((u32)__nvvm_read_ptx_sreg_tid_x())
#define TIDY ((u32)__nvvm_read_ptx_sreg_tid_y())
#define BID ((u32)__nvvm_read_ptx_sreg_ctaid_x())
#define BIDY ((u32)__nvvm_read_ptx_sreg_ctaid_y())
#define BIDZ ((u32)__nvvm_read_ptx_sreg_ctaid_z())
#define BDIM ((u32)__nvvm_read_ptx_sreg_ntid_x())
#define BDIMY ((u32)__nvvm_read_ptx_sreg_ntid_y())
#define GDIM ((u32)__nvvm_read_ptx_sreg_nctaid_x())
#define SYNC() __syncthreads()
DEVICE float shuffle_xor(float v, int m) { return __nvvm_shfl_sync_bfly_f32(0xffffffffu, v, m, 0x1f); }
DEVICE float fma32(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
DEVICE double fma64(double a, double b, double c) { return __builtin_fma(a, b, c); }
DEVICE float sqrt32(float a) { return __nvvm_sqrt_rn_f(a); }
DEVICE double sqrt64(double a) { return __nvvm_sqrt_rn_d(a); }
DEVICE void atomic_min(u64* p, u64 v) { __nvvm_atom_min_gen_ull(p, v); }
DEVICE void atomic_add(u32* p, u32 v) { __nvvm_atom_add_gen_i((i32*)p, (i32)v); }

#endif

DEVICE u32 bits(float f) { return __builtin_bit_cast(u32, f); }
DEVICE float of_bits(u32 u) { return __builtin_bit_cast(float, u); }
DEVICE u64 bits(double f) { return __builtin_bit_cast(u64, f); }
DEVICE double of_bits(u64 u) { return __builtin_bit_cast(double, u); }

#define INFINITY32 of_bits(0x7f800000u)
#define NAN32 of_bits(0x7fc00000u)

// index is the number of this thread in a grid of one axis.
DEVICE i64 index() { return (i64)BID * BDIM + TID; }

// fault reports that what stands at a position cannot be: of several reports the one of the
// lowest position counts. The host turns it into an error after the run.
DEVICE void fault(u64* report, u64 position, i32 value) { atomic_min(report, position << 32 | (u32)value); }
