// Runs a kernel block by block. Threads that wait for one another are fibres of one thread
// of the host, in turn from barrier to barrier; the others are a loop.
#include "emu.h"

#include <string>
#include <vector>

#include "kernels.h"

#if !defined(__x86_64__)
#error "the host build switches stacks in x86-64 assembly"
#endif

namespace emu {

thread_local Dim thread, block, threads, blocks;

// switch_to saves what a function must keep and goes on at another stack.
extern "C" void emu_switch(void** save, void* to);
asm(R"(
.text
.type emu_switch, @function
emu_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emu_switch, .-emu_switch
)");

struct Fibre {
  void* sp;
  bool done;
  float shuffled;
};

static const size_t kStack = 64 << 10;
static thread_local std::vector<Fibre> fibres;
static thread_local std::vector<char> stacks;
static thread_local void* scheduler;
static thread_local unsigned current;
static thread_local const KernelInfo* running;
static thread_local void** params;
static thread_local std::string problem;

static void be(unsigned i) {
  current = i;
  thread = {i % threads.x, i / threads.x % threads.y, i / (threads.x * threads.y)};
}

static void entry() {
  running->call(running->fn, params);
  fibres[current].done = true;
  void* unused;
  emu_switch(&unused, scheduler);
}

void sync() {
  if (!running->waits) {
    problem = running->name + " waits, but begins with KERNEL and not with KERNEL_SYNC";
    return;
  }
  unsigned me = current;
  emu_switch(&fibres[me].sp, scheduler);
  be(me);
}

float shuffle_xor(float v, int mask) {
  if (!running->waits) {
    sync();
    return v;
  }
  unsigned me = current;
  fibres[me].shuffled = v;
  sync();
  float got = fibres[(me & ~31u) | ((me ^ mask) & 31)].shuffled;
  sync();
  return got;
}

// start gives a fibre a stack on which emu_switch returns into entry.
static void start(unsigned i) {
  uintptr_t top = ((uintptr_t)&stacks[(i + 1) * kStack - 64]) & ~(uintptr_t)15;
  void** sp = (void**)top;
  *--sp = nullptr;  // entry finds the stack as after a call
  *--sp = (void*)&entry;
  for (int r = 0; r < 6; r++) *--sp = nullptr;
  fibres[i] = {sp, false, 0};
}

static std::string run_block(unsigned n) {
  for (unsigned i = 0; i < n; i++) start(i);
  for (;;) {
    unsigned done = 0, waiting = 0;
    for (unsigned i = 0; i < n; i++) {
      if (!fibres[i].done) {
        be(i);
        emu_switch(&scheduler, fibres[i].sp);
        if (!fibres[i].done) {
          waiting++;
          continue;
        }
      }
      done++;
    }
    if (done == n) return "";
    if (done && waiting) return "a barrier of " + running->name + " that some threads never reach";
  }
}

std::string run(const KernelInfo& k, Dim grid, Dim size, void** p) {
  unsigned n = size.x * size.y * size.z;
  threads = size, blocks = grid, running = &k, params = p, problem = "";
  if (k.waits && fibres.size() < n) {
    fibres.resize(n);
    stacks.resize(n * kStack);
  }
  for (unsigned z = 0; z < grid.z; z++)
    for (unsigned y = 0; y < grid.y; y++)
      for (unsigned x = 0; x < grid.x; x++) {
        block = {x, y, z};
        if (k.waits) {
          std::string e = run_block(n);
          if (!e.empty()) return e;
          continue;
        }
        for (unsigned i = 0; i < n; i++) {
          be(i);
          k.call(k.fn, p);
        }
        if (!problem.empty()) return problem;
      }
  return "";
}

std::map<std::string, KernelInfo>& kernels() {
  static std::map<std::string, KernelInfo> all;
  return all;
}

void Kernel::add(const char* name, void* fn, Thunk call, int n, const uint8_t* sizes, const uint8_t* pointers, bool waits) {
  kernels()[name] = {name, fn, call, {sizes, sizes + n}, {pointers, pointers + n}, waits};
}

}  // namespace emu
