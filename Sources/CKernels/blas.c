// Products by BLAS, for what the tiles of products.c do not serve. On Linux it is loaded when the first
// such product comes: most programs never make one, and starting it and its threads takes as long as
// inspecting a checkpoint. Without it plain loops do the work, slower.
#include "ckernels.h"

#if defined(__APPLE__)
#include <Accelerate/Accelerate.h>

void kt_sgemm(int a_transposed, int b_transposed, int rows, int columns, int depth, const float *a,
              int a_stride, const float *b, int b_stride, int accumulate, float *c, int c_stride) {
  cblas_sgemm(CblasRowMajor, a_transposed ? CblasTrans : CblasNoTrans,
              b_transposed ? CblasTrans : CblasNoTrans, rows, columns, depth, 1, a, a_stride, b,
              b_stride, accumulate ? 1 : 0, c, c_stride);
}

#else
#include <dlfcn.h>
#include <pthread.h>

// The standard interface of BLAS in C, whose enumerations are these numbers.
typedef void (*sgemm_function)(int order, int a_kind, int b_kind, int rows, int columns, int depth,
                               float alpha, const float *a, int a_stride, const float *b,
                               int b_stride, float beta, float *c, int c_stride);
enum { ROW_MAJOR = 101, AS_IT_IS = 111, TRANSPOSED = 112 };

static sgemm_function sgemm;

static void load(void) {
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libopenblas.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  // In the calling thread only, since the kernels share out the work themselves.
  void (*set_threads)(int) = dlsym(library, "openblas_set_num_threads");
  if (set_threads) set_threads(1);
  sgemm = dlsym(library, "cblas_sgemm");
}

KT_CLONES
static void add_scaled(float *to, const float *from, float factor, long count) {
  KT_INDEPENDENT
  for (long i = 0; i < count; ++i) to[i] += factor * from[i];
}

KT_CLONES
static float dot(const float *a, const float *b, long count) {
  // Sums of their own, so that the additions need not wait for one another.
  float sums[16] = {0};
  long i = 0;
  for (; i + 16 <= count; i += 16)
    for (long j = 0; j < 16; ++j) sums[j] += a[i + j] * b[i + j];
  for (; i < count; ++i) sums[i % 16] += a[i] * b[i];
  float sum = 0;
  for (long j = 0; j < 16; ++j) sum += sums[j];
  return sum;
}

static float strided_dot(const float *a, long a_step, const float *b, long b_step, long count) {
  if (a_step == 1 && b_step == 1) return dot(a, b, count);
  float sum = 0;
  for (long i = 0; i < count; ++i) sum += a[i * a_step] * b[i * b_step];
  return sum;
}

static void product_by_loops(int a_transposed, int b_transposed, long rows, long columns,
                             long depth, const float *a, long a_stride, const float *b,
                             long b_stride, int accumulate, float *c, long c_stride) {
  const long a_row = a_transposed ? 1 : a_stride, a_step = a_transposed ? a_stride : 1;
  const long b_column = b_transposed ? b_stride : 1, b_step = b_transposed ? 1 : b_stride;
  for (long i = 0; i < rows; ++i) {
    float *row = c + i * c_stride;
    const float *left = a + i * a_row;
    if (!accumulate)
      for (long j = 0; j < columns; ++j) row[j] = 0;
    if (b_column == 1 && columns > 1) {
      for (long k = 0; k < depth; ++k)
        add_scaled(row, b + k * b_step, left[k * a_step], columns);
    } else {
      for (long j = 0; j < columns; ++j)
        row[j] += strided_dot(left, a_step, b + j * b_column, b_step, depth);
    }
  }
}

void kt_sgemm(int a_transposed, int b_transposed, int rows, int columns, int depth, const float *a,
              int a_stride, const float *b, int b_stride, int accumulate, float *c, int c_stride) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  // A small product, such as that of a last short batch, is no slower by loops.
  const int is_large = (long)rows * columns * depth > 1 << 18;
  if (is_large) pthread_once(&once, load);
  if (is_large && sgemm)
    sgemm(ROW_MAJOR, a_transposed ? TRANSPOSED : AS_IT_IS, b_transposed ? TRANSPOSED : AS_IT_IS,
          rows, columns, depth, 1, a, a_stride, b, b_stride, accumulate ? 1 : 0, c, c_stride);
  else
    product_by_loops(a_transposed, b_transposed, rows, columns, depth, a, a_stride, b, b_stride,
                     accumulate, c, c_stride);
}

#endif
