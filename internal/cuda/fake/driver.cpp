// A libcuda.so.1 without a device: memory, streams that run in order and as late as they
// may, events, modules, graphs. It is strict where the real driver is silent or wrong
// results would follow: a current context on the calling thread, live pointers of the right
// kind, pinned memory for asynchronous copies, limits of launches, nothing that waits while
// a stream is captured. Memory begins as NaN and ends at a page that can't be touched.
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kernels.h"

using std::map;
using std::string;
using std::vector;

typedef int Result;
typedef uint64_t Pointer;

enum {
  OK = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_CONTEXT = 201,
  INVALID_PTX = 218,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_FAILED = 719,
  CAPTURE_UNSUPPORTED = 900,
  CAPTURE_INVALIDATED = 901,
};

static const map<int, const char*> names{
    {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE"},
    {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY"},
    {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED"},
    {NO_DEVICE, "CUDA_ERROR_NO_DEVICE"},
    {INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE"},
    {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT"},
    {INVALID_PTX, "CUDA_ERROR_INVALID_PTX"},
    {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE"},
    {NOT_FOUND, "CUDA_ERROR_NOT_FOUND"},
    {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS"},
    {LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"},
    {CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"},
    {CAPTURE_INVALIDATED, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"},
};

typedef std::function<Result()> Work;
struct Graph {
  vector<Work> work;
};
struct Event;
struct Context {
  int device;
  int retained = 0;
};
struct Stream {
  Context* context = nullptr;
  vector<Work> queue;
  bool capturing = false;
  bool invalid = false;  // the capture
  Graph captured;
};
struct Event {
  Stream* stream = nullptr;  // that recorded it
  size_t after = 0;          // so many entries of its queue, counted from its start
};
struct Function {
  const emu::KernelInfo* kernel;
};
struct Module {
  map<string, Function> functions;
};

struct Fault {
  long at;  // the number of the call
  Result code;
};

static std::mutex mu;
static bool initialised;
static thread_local Context* current;
static Result sticky;    // after a failed kernel nothing works
static string said;      // what cuGetErrorString adds
static map<Pointer, size_t> device_memory, host_memory;
static map<Pointer, int> owner;  // device of an allocation
static size_t used[8], limit = (size_t)1 << 32;
static map<string, long> calls;
static map<string, Fault> faults;
static Context contexts[8];
static Stream default_stream;
static vector<Stream*> streams;
static map<void*, const char*> live;  // streams, events, modules, graphs

static int devices = 1;

static Result fail(Result r, const string& why) {
  said = why;
  return r;
}

// enter is what every call begins with: it counts, and fails if a test asked for it.
static Result enter(const char* name) {
  long n = ++calls[name];
  auto f = faults.find(name);
  if (f != faults.end() && f->second.at == n) return fail(f->second.code, string(name) + " was told to fail");
  if (!initialised) return NOT_INITIALIZED;
  return sticky;
}

#define API extern "C" __attribute__((visibility("default"))) Result
#define ENTER()                          \
  std::lock_guard<std::mutex> lock(mu);  \
  if (Result r = enter(__func__)) return r
#define IN_CONTEXT() \
  ENTER();           \
  if (!current) return fail(INVALID_CONTEXT, string(__func__) + ": no current context on this thread")

#define NOT_CAPTURED() \
  if (Result r = unless_captured(__func__)) return r

static bool within(Pointer p, size_t n, const map<Pointer, size_t>& memory) {
  auto i = memory.upper_bound(p);
  if (i == memory.begin()) return false;
  --i;
  return p >= i->first && p + n <= i->first + i->second;
}

// unless_captured refuses what a stream can't record, and ends the recording.
static Result unless_captured(const char* name) {
  bool any = false;
  for (auto s : streams)
    if (s->capturing) any = s->invalid = true;
  return any ? fail(CAPTURE_UNSUPPORTED, string(name) + " while a stream is captured") : (Result)OK;
}

static Result flush(Stream* s) {
  vector<Work> work;
  work.swap(s->queue);
  for (auto& w : work)
    if (Result r = w()) return sticky = r;
  return OK;
}

static Result flush_all() {
  if (Result r = flush(&default_stream)) return r;
  for (auto s : streams)
    if (Result r = flush(s)) return r;
  return OK;
}

static bool known(void* handle, const char* kind) {
  auto i = live.find(handle);
  return i != live.end() && !strcmp(i->second, kind);
}

static Result put(Stream* s, Work w) {
  if (!s) s = &default_stream;
  if (s != &default_stream && !known(s, "stream")) return fail(INVALID_HANDLE, "this is no stream");
  if (s->context && s->context != current) return fail(INVALID_HANDLE, "this stream is another device's");
  if (s->invalid) return fail(CAPTURE_INVALIDATED, "the capture has ended by an error");
  (s->capturing ? s->captured.work : s->queue).push_back(std::move(w));
  return OK;
}

API cuInit(unsigned) {
  std::lock_guard<std::mutex> lock(mu);
  calls["cuInit"]++;
  auto f = faults.find("cuInit");
  if (f != faults.end() && f->second.at == calls["cuInit"]) return fail(f->second.code, "cuInit was told to fail");
  if (devices == 0) return NO_DEVICE;
  initialised = true;
  return OK;
}

API cuDeviceGetCount(int* n) {
  ENTER();
  *n = devices;
  return OK;
}

API cuDeviceGet(int* d, int ordinal) {
  ENTER();
  if (ordinal < 0 || ordinal >= devices) return fail(INVALID_DEVICE, "there is no device of this number");
  *d = ordinal;
  return OK;
}

API cuDeviceGetName(char* s, int n, int) {
  ENTER();
  snprintf(s, n, "fake device");
  return OK;
}

API cuDeviceGetAttribute(int* v, int attribute, int) {
  ENTER();
  switch (attribute) {
    case 16: *v = 132; break;  // multiprocessors
    case 75: *v = 9; break;    // compute capability
    case 76: *v = 0; break;
    default: *v = 0;
  }
  return OK;
}

API cuDevicePrimaryCtxRetain(Context** c, int d) {
  ENTER();
  contexts[d].device = d;
  contexts[d].retained++;
  *c = &contexts[d];
  return OK;
}

API cuDevicePrimaryCtxRelease_v2(int d) {
  ENTER();
  contexts[d].retained--;
  return OK;
}

API cuCtxSetCurrent(Context* c) {
  ENTER();
  current = c;
  return OK;
}

API cuMemGetInfo_v2(size_t* free, size_t* total) {
  IN_CONTEXT();
  *free = limit - used[current->device];
  *total = limit;
  return OK;
}

// guarded returns memory that ends where a page can't be touched, aligned to 256 bytes.
static const size_t kPage = 4096;
static size_t pages(size_t n) { return ((n + 255) / 256 * 256 + kPage - 1) / kPage * kPage; }

static Pointer guarded(size_t n, int fill) {
  size_t m = pages(n);
  char* at = (char*)mmap(0, m + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return 0;
  mprotect(at + m, kPage, PROT_NONE);
  if (fill) memset(at, fill, m);
  return (Pointer)(at + (m - (n + 255) / 256 * 256));
}

static void release(Pointer p, size_t n) {
  munmap((void*)(p & ~(Pointer)(kPage - 1)), pages(n) + kPage);
}

API cuMemAlloc_v2(Pointer* p, size_t n) {
  IN_CONTEXT();
  NOT_CAPTURED();
  if (!n) return INVALID_VALUE;
  if (used[current->device] + n > limit) return OUT_OF_MEMORY;
  *p = guarded(n, 0xFF);
  if (!*p) return OUT_OF_MEMORY;
  device_memory[*p] = n;
  owner[*p] = current->device;
  used[current->device] += n;
  return OK;
}

API cuMemFree_v2(Pointer p) {
  IN_CONTEXT();
  NOT_CAPTURED();
  if (Result r = flush_all()) return r;
  auto i = device_memory.find(p);
  if (i == device_memory.end()) return fail(INVALID_VALUE, "cuMemFree of what was not allocated");
  used[owner[p]] -= i->second;
  release(p, i->second);
  owner.erase(p);
  device_memory.erase(i);
  return OK;
}

API cuMemHostAlloc(void** p, size_t n, unsigned) {
  IN_CONTEXT();
  NOT_CAPTURED();
  Pointer at = guarded(n, 0);
  if (!at) return OUT_OF_MEMORY;
  host_memory[at] = n;
  *p = (void*)at;
  return OK;
}

API cuMemFreeHost(void* p) {
  IN_CONTEXT();
  if (Result r = flush_all()) return r;
  auto i = host_memory.find((Pointer)p);
  if (i == host_memory.end()) return fail(INVALID_VALUE, "cuMemFreeHost of what was not allocated");
  release(i->first, i->second);
  host_memory.erase(i);
  return OK;
}

API cuMemcpyHtoDAsync_v2(Pointer d, const void* h, size_t n, Stream* s) {
  IN_CONTEXT();
  if (!within(d, n, device_memory)) return fail(INVALID_VALUE, "a copy to what is no memory of the device");
  if (!within((Pointer)h, n, host_memory)) return fail(INVALID_VALUE, "an asynchronous copy from pageable memory");
  return put(s, [=] { memcpy((void*)d, h, n); return OK; });
}

API cuMemcpyDtoHAsync_v2(void* h, Pointer d, size_t n, Stream* s) {
  IN_CONTEXT();
  if (!within(d, n, device_memory)) return fail(INVALID_VALUE, "a copy from what is no memory of the device");
  if (!within((Pointer)h, n, host_memory)) return fail(INVALID_VALUE, "an asynchronous copy to pageable memory");
  return put(s, [=] { memcpy(h, (void*)d, n); return OK; });
}

API cuMemcpyDtoDAsync_v2(Pointer to, Pointer from, size_t n, Stream* s) {
  IN_CONTEXT();
  if (!within(to, n, device_memory) || !within(from, n, device_memory)) return fail(INVALID_VALUE, "a copy of what is no memory of the device");
  if (to < from + n && from < to + n) return fail(INVALID_VALUE, "a copy onto itself");
  return put(s, [=] { memcpy((void*)to, (void*)from, n); return OK; });
}

API cuMemsetD32Async(Pointer d, unsigned v, size_t n, Stream* s) {
  IN_CONTEXT();
  if (!within(d, 4 * n, device_memory)) return fail(INVALID_VALUE, "a fill of what is no memory of the device");
  return put(s, [=] {
    for (size_t i = 0; i < n; i++) ((unsigned*)d)[i] = v;
    return OK;
  });
}

API cuStreamCreate(Stream** s, unsigned) {
  IN_CONTEXT();
  *s = new Stream;
  (*s)->context = current;
  streams.push_back(*s);
  live[*s] = "stream";
  return OK;
}

API cuStreamDestroy_v2(Stream* s) {
  IN_CONTEXT();
  if (!known(s, "stream")) return INVALID_HANDLE;
  flush(s);
  for (auto i = streams.begin(); i != streams.end(); ++i)
    if (*i == s) {
      streams.erase(i);
      break;
    }
  live.erase(s);
  delete s;
  return OK;
}

API cuStreamSynchronize(Stream* s) {
  IN_CONTEXT();
  if (!s) s = &default_stream;
  NOT_CAPTURED();
  return flush(s);
}

API cuEventCreate(Event** e, unsigned) {
  IN_CONTEXT();
  *e = new Event;
  live[*e] = "event";
  return OK;
}

API cuEventDestroy_v2(Event* e) {
  IN_CONTEXT();
  if (!known(e, "event")) return INVALID_HANDLE;
  live.erase(e);
  delete e;
  return OK;
}

API cuEventRecord(Event* e, Stream* s) {
  IN_CONTEXT();
  if (!known(e, "event")) return INVALID_HANDLE;
  e->stream = s;
  return OK;
}

// What the stream of the event has in its queue runs first, and perhaps more: that is
// within what the driver may do.
API cuStreamWaitEvent(Stream* s, Event* e, unsigned) {
  IN_CONTEXT();
  if (!known(e, "event")) return INVALID_HANDLE;
  Stream* other = e->stream;
  if (!other || other == s) return OK;
  return put(s, [=] { return flush(other); });
}

// load takes every entry of the PTX whose host build has parameters of the same sizes.
static Result load(Module** out, const string& text) {
  if (text.find(".version") == string::npos || text.find(".target") == string::npos) return fail(INVALID_PTX, "this is no PTX");
  auto m = std::make_unique<Module>();
  for (size_t p = 0; (p = text.find(".entry ", p)) != string::npos;) {
    p += 7;
    size_t open = text.find('(', p), end = text.find(')', open);
    string name = text.substr(p, open - p), params = text.substr(open, end - open);
    vector<uint8_t> sizes;
    for (size_t i = 0; (i = params.find(".param .", i)) != string::npos;) {
      i += 9;  // past the letter of the type
      sizes.push_back(atoi(params.c_str() + i) / 8);
    }
    auto k = emu::kernels().find(name);
    if (k == emu::kernels().end()) return fail(NOT_FOUND, "the host build has no kernel " + name);
    if (k->second.sizes != sizes) return fail(INVALID_PTX, "parameters of " + name + " have other sizes in PTX than in the host build");
    m->functions[name] = Function{&k->second};
    p = end;
  }
  *out = m.release();
  live[*out] = "module";
  return OK;
}

API cuModuleLoadDataEx(Module** out, const char* ptx, unsigned n, int* options, void** values) {
  IN_CONTEXT();
  NOT_CAPTURED();
  Result r = load(out, ptx);
  for (unsigned i = 0; r && i + 1 < n; i++)
    if (options[i] == 5 && options[i + 1] == 6)  // CU_JIT_ERROR_LOG_BUFFER, and its size
      snprintf((char*)values[i], (size_t)values[i + 1], "ptxas error: %s", said.c_str());
  return r;
}

API cuModuleUnload(Module* m) {
  IN_CONTEXT();
  if (!known(m, "module")) return INVALID_HANDLE;
  live.erase(m);
  delete m;
  return OK;
}

API cuModuleGetFunction(Function** f, Module* m, const char* name) {
  IN_CONTEXT();
  if (!known(m, "module")) return INVALID_HANDLE;
  auto i = m->functions.find(name);
  if (i == m->functions.end()) return fail(NOT_FOUND, string("no kernel ") + name);
  *f = &i->second;
  return OK;
}

API cuLaunchKernel(Function* f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned, Stream* s, void** params, void**) {
  IN_CONTEXT();
  const emu::KernelInfo* k = f->kernel;
  if (!gx || !gy || !gz || !bx || !by || !bz || gx > 0x7fffffffu || gy > 65535 || gz > 65535 || bx > 1024 || by > 1024 || bz > 64 || bx * by * bz > 1024)
    return fail(INVALID_VALUE, k->name + ": more blocks or threads than a launch may have");
  auto words = std::make_shared<vector<uint64_t>>(k->sizes.size());
  for (size_t i = 0; i < k->sizes.size(); i++) memcpy(&(*words)[i], params[i], k->sizes[i]);
  return put(s, [=, device = current->device]() -> Result {
    vector<void*> p(words->size());
    for (size_t i = 0; i < p.size(); i++) {
      p[i] = &(*words)[i];
      if (k->pointers[i] && (*words)[i] && !within((*words)[i], 1, device_memory))
        return fail(ILLEGAL_ADDRESS, k->name + ": parameter " + std::to_string(i) + " is no memory of the device");
      if (k->pointers[i] && (*words)[i] && std::prev(owner.upper_bound((*words)[i]))->second != device)
        return fail(ILLEGAL_ADDRESS, k->name + ": parameter " + std::to_string(i) + " is memory of another device");
    }
    emu::Problem e = emu::run(*k, {gx, gy, gz}, {bx, by, bz}, p.data());
    return e.what.empty() ? (Result)OK : fail(e.address ? ILLEGAL_ADDRESS : LAUNCH_FAILED, e.what);
  });
}

API cuStreamBeginCapture_v2(Stream* s, int) {
  IN_CONTEXT();
  if (!s || s->capturing) return fail(INVALID_VALUE, "this stream can't be captured");
  s->capturing = true;
  s->captured = {};
  return OK;
}

API cuStreamEndCapture(Stream* s, Graph** g) {
  bool capturing = s && s->capturing;
  bool invalid = s && s->invalid;
  if (s) s->capturing = s->invalid = false;  // whatever comes of it
  IN_CONTEXT();
  if (invalid) return fail(CAPTURE_INVALIDATED, "the capture has ended by an error");
  if (!capturing) return fail(INVALID_VALUE, "the stream is not captured");
  *g = new Graph(std::move(s->captured));
  live[*g] = "graph";
  return OK;
}

API cuGraphInstantiateWithFlags(Graph** e, Graph* g, unsigned long long) {
  IN_CONTEXT();
  if (!known(g, "graph")) return INVALID_HANDLE;
  *e = new Graph(*g);
  live[*e] = "executable graph";
  return OK;
}

API cuGraphLaunch(Graph* e, Stream* s) {
  IN_CONTEXT();
  if (!known(e, "executable graph")) return INVALID_HANDLE;
  for (auto& w : e->work)
    if (Result r = put(s, w)) return r;
  return OK;
}

API cuGraphExecDestroy(Graph* e) {
  IN_CONTEXT();
  if (!known(e, "executable graph")) return INVALID_HANDLE;
  live.erase(e);
  delete e;
  return OK;
}

API cuGraphDestroy(Graph* g) {
  IN_CONTEXT();
  if (!known(g, "graph")) return INVALID_HANDLE;
  live.erase(g);
  delete g;
  return OK;
}

API cuGetErrorName(int r, const char** s) {
  auto i = names.find(r);
  *s = i == names.end() ? "CUDA_ERROR_UNKNOWN" : i->second;
  return OK;
}

API cuGetErrorString(int, const char** s) {
  *s = said.c_str();
  return OK;
}

// For tests, and for the fake cuBLAS.

extern "C" __attribute__((visibility("default"))) long fakeCalls(const char* name) {
  std::lock_guard<std::mutex> lock(mu);
  return calls[name];
}

// fakeLive counts what was made and not freed: bytes of "memory" or "host", or objects of a kind.
extern "C" __attribute__((visibility("default"))) long fakeLive(const char* kind) {
  std::lock_guard<std::mutex> lock(mu);
  long n = 0;
  if (!strcmp(kind, "memory")) {
    for (auto& m : device_memory) n += m.second;
  } else if (!strcmp(kind, "host")) {
    for (auto& m : host_memory) n += m.second;
  } else if (!strcmp(kind, "context")) {
    for (auto& c : contexts) n += c.retained;
  } else {
    for (auto& l : live) n += !strcmp(l.second, kind);
  }
  return n;
}

// fakeFail lets the n-th call of a function from now on fail with a code.
API fakeFail(const char* name, long n, int code) {
  std::lock_guard<std::mutex> lock(mu);
  faults[name] = Fault{calls[name] + n, code};
  return OK;
}

// fakeEnter is what every call of the fake cuBLAS begins with.
API fakeEnter(const char* name) {
  std::lock_guard<std::mutex> lock(mu);
  return enter(name);
}

// fakeDevices sets how many devices there are, at most 8.
API fakeDevices(int n) {
  std::lock_guard<std::mutex> lock(mu);
  devices = n;
  return OK;
}

// fakeReset forgets faults and the error that sticks, as a new process would.
API fakeReset() {
  std::lock_guard<std::mutex> lock(mu);
  faults.clear();
  sticky = OK;
  return OK;
}

API fakeLimit(size_t bytes) {
  std::lock_guard<std::mutex> lock(mu);
  limit = bytes;
  return OK;
}

API fakeEnqueue(Stream* s, void (*f)(void*), void* arg) {
  IN_CONTEXT();
  return put(s, [=] { f(arg); return OK; });
}
