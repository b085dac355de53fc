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

// run returns what is wrong with the kernel, or nothing.
std::string run(const KernelInfo& k, Dim grid, Dim size, void** params);

}  // namespace emu
