// A libcublas whose products are plain loops, put on the stream of the fake driver. Matrices
// are column-major, as cuBLAS has them.
#include <dlfcn.h>

#include <cstdint>

typedef int Status;
enum { SUCCESS = 0, INVALID_VALUE = 7, INTERNAL_ERROR = 14 };

struct Handle {
  void* stream;
  int math;
};

struct Product {
  int ta, tb, m, n, k;
  float alpha;
  const float* a;
  int lda;
  int64_t sa;
  const float* b;
  int ldb;
  int64_t sb;
  float beta;
  float* c;
  int ldc;
  int64_t sc;
  int count;
};

#define API extern "C" __attribute__((visibility("default"))) Status

// of finds what the fake driver has for us.
template <class F>
static F of(const char* name) {
  return (F)dlsym(RTLD_DEFAULT, name);
}

#define ENTER()                                                          \
  static auto enter = of<Status (*)(const char*)>("fakeEnter");         \
  if (!enter || enter(__func__)) return INTERNAL_ERROR

API cublasCreate_v2(Handle** h) {
  ENTER();
  *h = new Handle{nullptr, 0};
  return SUCCESS;
}
API cublasDestroy_v2(Handle* h) {
  ENTER();
  delete h;
  return SUCCESS;
}
API cublasSetStream_v2(Handle* h, void* s) {
  ENTER();
  h->stream = s;
  return SUCCESS;
}
API cublasSetMathMode(Handle* h, int m) {
  ENTER();
  h->math = m;
  return SUCCESS;
}
API cublasSetWorkspace_v2(Handle*, void*, size_t) {
  ENTER();
  return SUCCESS;
}
API cublasGetVersion_v2(Handle*, int* v) {
  ENTER();
  *v = 130000;
  return SUCCESS;
}

static void one(const Product& p, const float* a, const float* b, float* c) {
  for (int j = 0; j < p.n; j++)
    for (int i = 0; i < p.m; i++) {
      float t = 0;
      for (int l = 0; l < p.k; l++) {
        float x = p.ta ? a[l + (int64_t)i * p.lda] : a[i + (int64_t)l * p.lda];
        float y = p.tb ? b[j + (int64_t)l * p.ldb] : b[l + (int64_t)j * p.ldb];
        t = __builtin_fmaf(x, y, t);
      }
      float* to = &c[i + (int64_t)j * p.ldc];
      *to = p.beta == 0 ? p.alpha * t : p.alpha * t + p.beta * *to;
    }
}

static void run(void* arg) {
  const Product& p = *(Product*)arg;
  for (int i = 0; i < p.count; i++) one(p, p.a + i * p.sa, p.b + i * p.sb, p.c + i * p.sc);
}

static Status put(Handle* h, const Product& p) {
  if (p.m < 0 || p.n < 0 || p.k < 0 || p.lda < (p.ta ? p.k : p.m) || p.ldb < (p.tb ? p.n : p.k) || p.ldc < p.m || !p.lda || !p.ldb || !p.ldc) return INVALID_VALUE;
  static auto enqueue = of<Status (*)(void*, void (*)(void*), void*)>("fakeEnqueue");
  // Never freed: a captured graph may run it again.
  return enqueue && !enqueue(h->stream, run, new Product(p)) ? SUCCESS : INTERNAL_ERROR;
}

API cublasSgemmStridedBatched(Handle* h, int ta, int tb, int m, int n, int k, const float* alpha, const float* a, int lda, long long sa,
                              const float* b, int ldb, long long sb, const float* beta, float* c, int ldc, long long sc, int count) {
  ENTER();
  return put(h, {ta, tb, m, n, k, *alpha, a, lda, sa, b, ldb, sb, *beta, c, ldc, sc, count});
}

API cublasSgemm_v2(Handle* h, int ta, int tb, int m, int n, int k, const float* alpha, const float* a, int lda, const float* b, int ldb,
                   const float* beta, float* c, int ldc) {
  ENTER();
  return put(h, {ta, tb, m, n, k, *alpha, a, lda, 0, b, ldb, 0, *beta, c, ldc, 0, 1});
}
