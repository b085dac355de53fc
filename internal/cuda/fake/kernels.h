// What the fake driver knows of kernels.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "emu.h"

namespace emu {

struct KernelInfo {
  std::string name;
  void* fn;
  Thunk call;
  std::vector<uint8_t> sizes, pointers;  // of the parameters
  bool waits;
};

std::map<std::string, KernelInfo>& kernels();

// A Problem is what is wrong with a kernel, if there is a text.
struct Problem {
  std::string what;
  bool address;  // it has read or written outside of all memory
};

// run is called by one thread at a time.
Problem run(const KernelInfo& k, Dim grid, Dim size, void** params);

}  // namespace emu
