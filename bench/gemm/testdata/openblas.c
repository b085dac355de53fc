// Reads lines "m n k transA transB seconds", answers each with the median and the
// least time of cblas_sgemm in seconds.
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

extern char *openblas_get_corename(void);

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static int order(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static float *matrix(long n) {
  float *x = aligned_alloc(64, (4 * n + 63) / 64 * 64);
  for (long i = 0; i < n; i++) x[i] = (i % 17) * 0.1f - 0.8f;
  return x;
}

enum { most = 100000 };
static double times[most];

int main(void) {
  printf("%s\n", openblas_get_corename());
  fflush(stdout);
  int m, n, k, ta, tb;
  double limit;
  while (scanf("%d %d %d %d %d %lf", &m, &n, &k, &ta, &tb, &limit) == 6) {
    float *a = matrix((long)m * k), *b = matrix((long)k * n), *c = matrix((long)m * n);
    int runs = -1;
    for (double start = now(); runs < 2 || (now() - start < limit && runs < most);) {
      double t = now();
      cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans,
                  m, n, k, 1, a, ta ? m : k, b, tb ? k : n, 0, c, n);
      if (runs >= 0) times[runs] = now() - t;
      runs++;
    }
    qsort(times, runs, sizeof *times, order);
    printf("%.9f %.9f\n", times[runs / 2], times[0]);
    fflush(stdout);
    free(a), free(b), free(c);
  }
}
