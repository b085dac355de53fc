// Runs a kernel block by block. Threads that wait for one another are fibres of one thread
// of the host, in turn, a warp from barrier to barrier; the others are a loop. What the
// device leaves open is made as bad as it may be: blocks, warps and threads run in an order
// that changes at every barrier, and a block finds shared memory full of NaN.
#include "emu.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <numeric>
#include <string>
#include <vector>

#include "kernels.h"

#if !defined(__x86_64__)
#error "the host build switches stacks in x86-64 assembly"
#endif

// What is SHARED in any kernel lies in one section; its ends are the linker's.
extern char __start_shared_memory[] __attribute__((weak));
extern char __stop_shared_memory[] __attribute__((weak));

namespace emu {

Dim thread, block, threads, blocks;

// emu_switch saves what a function must keep and goes on at another stack.
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

enum State { AT_BARRIER, AT_SHUFFLE, DONE };

struct Fibre {
  void* sp;
  State state;
  float shuffled;
};

static const size_t kStack = 64 << 10;
static std::vector<Fibre> fibres;
static std::vector<char> stacks;
static void* scheduler;
static unsigned current;
static const KernelInfo* running;
static void** params;
static Problem problem;

static void be(unsigned i) {
  current = i;
  thread = {i % threads.x, i / threads.x % threads.y, i / (threads.x * threads.y)};
}

// Order visits 0 to n-1 in another order each time: by steps that have no factor in common
// with n, from anywhere.
struct Order {
  uint64_t n, at, step;
  explicit Order(uint64_t n) : n(n) {
    static uint32_t state = 1;
    auto next = [&] { return (state = state * 1664525 + 1013904223) >> 8; };
    at = next() % n;
    do step = next() % n;
    while (std::gcd(step, n) != 1);
  }
  uint64_t next() {
    uint64_t i = at;
    at = (at + step) % n;
    return i;
  }
};

static void entry() {
  running->call(running->fn, params);
  fibres[current].state = DONE;
  void* unused;
  emu_switch(&unused, scheduler);
}

static void wait_at(State state) {
  unsigned me = current;
  fibres[me].state = state;
  emu_switch(&fibres[me].sp, scheduler);
  be(me);
}

static bool may_wait() {
  if (!running->waits) problem.what = running->name + " waits, but begins with KERNEL and not with KERNEL_SYNC";
  return running->waits;
}

void sync() {
  if (may_wait()) wait_at(AT_BARRIER);
}

float shuffle_xor(float v, int mask) {
  if (!may_wait()) return v;
  unsigned me = current;
  fibres[me].shuffled = v;
  wait_at(AT_SHUFFLE);
  float got = fibres[(me & ~31u) | ((me ^ mask) & 31)].shuffled;
  wait_at(AT_SHUFFLE);
  return got;
}

// start gives a fibre a stack on which emu_switch returns into entry.
static void start(unsigned i) {
  uintptr_t top = ((uintptr_t)&stacks[(i + 1) * kStack - 64]) & ~(uintptr_t)15;
  void** sp = (void**)top;
  *--sp = nullptr;  // entry finds the stack as after a call
  *--sp = (void*)&entry;
  for (int r = 0; r < 6; r++) *--sp = nullptr;
  fibres[i] = {sp, AT_BARRIER, 0};
}

// run_warp runs the threads of a warp until they wait for others, or are done. It returns
// how many wait.
static unsigned run_warp(unsigned first, unsigned size) {
  for (;;) {
    unsigned in[3] = {};
    Order order(size);
    for (unsigned k = 0; k < size; k++) {
      unsigned i = first + order.next();
      if (fibres[i].state != DONE) {
        be(i);
        emu_switch(&scheduler, fibres[i].sp);
      }
      in[fibres[i].state]++;
    }
    if (in[AT_SHUFFLE] == size) continue;
    if (in[AT_SHUFFLE]) problem.what = "a shuffle of " + running->name + " that some threads of a warp never reach";
    return in[AT_BARRIER];
  }
}

static void run_fibres(unsigned n) {
  if (__start_shared_memory) memset(__start_shared_memory, 0xFF, __stop_shared_memory - __start_shared_memory);
  for (unsigned i = 0; i < n; i++) start(i);
  for (unsigned waiting = n; waiting && problem.what.empty();) {
    waiting = 0;
    unsigned warps = (n + 31) / 32;
    Order order(warps);
    for (unsigned k = 0; k < warps && problem.what.empty(); k++) {
      unsigned first = 32 * order.next();
      waiting += run_warp(first, n - first < 32 ? n - first : 32);
    }
    if (waiting && waiting < n) problem.what = "a barrier of " + running->name + " that some threads never reach";
  }
}

static void run_loop(unsigned n, bool backwards) {
  for (unsigned i = 0; i < n; i++) {
    be(backwards ? n - 1 - i : i);
    running->call(running->fn, params);
  }
}

static void run_blocks() {
  unsigned n = threads.x * threads.y * threads.z;
  if (running->waits && fibres.size() < n) {
    fibres.resize(n);
    stacks.resize(n * kStack);
  }
  uint64_t count = (uint64_t)blocks.x * blocks.y * blocks.z;
  Order order(count);
  for (uint64_t k = 0; k < count && problem.what.empty(); k++) {
    uint64_t b = order.next();
    block = {(unsigned)(b % blocks.x), (unsigned)(b / blocks.x % blocks.y), (unsigned)(b / blocks.x / blocks.y)};
    if (running->waits)
      run_fibres(n);
    else
      run_loop(n, order.at % 2);
  }
}

// An access outside of all memory ends the kernel, as on the device.
static thread_local bool may_fault;
static sigjmp_buf faulted;
static struct sigaction others;
static uintptr_t fault_at;

static void on_fault(int sig, siginfo_t* info, void* context) {
  if (may_fault) {
    fault_at = (uintptr_t)info->si_addr;
    siglongjmp(faulted, 1);
  }
  // Another thread's: as if we were not here.
  if (others.sa_flags & SA_SIGINFO) return others.sa_sigaction(sig, info, context);
  sigaction(sig, &others, nullptr);
}

static std::string text(Dim d) { return "(" + std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z) + ")"; }

Problem run(const KernelInfo& k, Dim grid, Dim size, void** p) {
  threads = size, blocks = grid, running = &k, params = p, problem = {};
  struct sigaction own = {};
  own.sa_sigaction = on_fault;
  own.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&own.sa_mask);
  sigaction(SIGSEGV, &own, &others);
  if (!sigsetjmp(faulted, 1)) {
    may_fault = true;
    run_blocks();
  } else {
    char at[32];
    snprintf(at, sizeof at, "%#zx", (size_t)fault_at);
    problem = {k.name + ": thread " + text(thread) + " of block " + text(block) + " is at " + at + ", outside of all memory", true};
  }
  may_fault = false;
  sigaction(SIGSEGV, &others, nullptr);
  return problem;
}

std::map<std::string, KernelInfo>& kernels() {
  static std::map<std::string, KernelInfo> all;
  return all;
}

void Kernel::add(const char* name, void* fn, Thunk call, int n, const uint8_t* sizes, const uint8_t* pointers, bool waits) {
  kernels()[name] = {name, fn, call, {sizes, sizes + n}, {pointers, pointers + n}, waits};
}

}  // namespace emu
