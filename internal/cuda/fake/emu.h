// The device of the host build: what device.h needs to run kernels as plain functions.
#pragma once
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace emu {

struct Dim {
  unsigned x, y, z;
};
extern Dim thread, block, threads, blocks;

void sync();
float shuffle_xor(float v, int mask);

typedef void (*Thunk)(void* fn, void** params);

// A Kernel registers itself under its name, with what a launch must know of its parameters.
struct Kernel {
  template <class... A>
  Kernel(const char* name, void (*fn)(A...), bool waits) {
    static const uint8_t sizes[] = {(uint8_t)sizeof(A)..., 0};
    static const uint8_t pointers[] = {(uint8_t)std::is_pointer<A>::value..., 0};
    add(name, (void*)fn, &call<A...>, (int)sizeof...(A), sizes, pointers, waits);
  }
  static void add(const char*, void*, Thunk, int, const uint8_t*, const uint8_t*, bool);

  template <class... A>
  static void call(void* fn, void** params) {
    with<A...>((void (*)(A...))fn, params, std::index_sequence_for<A...>{});
  }
  template <class... A, size_t... I>
  static void with(void (*fn)(A...), void** params, std::index_sequence<I...>) {
    fn(*(A*)params[I]...);
  }
};

}  // namespace emu
