// Matrix products for processors with AVX-512, whose registers hold a tile of 14 × 32 sums. Operands
// may be read with any strides, so that a convolution multiplies overlapping windows in place.
#include "ckernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define KT_V4 __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma")))
#define KT_TILE_V4 static inline KT_V4 __attribute__((always_inline))

#define KT_UNROLLED _Pragma("clang loop unroll(full)")

enum { WIDTH = 32, HEIGHT = 14, DEPTH = 256 };

int kt_has_tiles(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}

void kt_pack(const float *b, long row_stride, long column_stride, long rows, long columns,
             long first_panel, long end_panel, float *packed) {
  for (long panel = first_panel; panel < end_panel; ++panel) {
    float *to = packed + panel * rows * WIDTH;
    long first = panel * WIDTH, width = columns - first < WIDTH ? columns - first : WIDTH;
    for (long k = 0; k < rows; ++k) {
      const float *from = b + k * row_stride + first * column_stride;
      for (long j = 0; j < width; ++j) to[k * WIDTH + j] = from[j * column_stride];
      for (long j = width; j < WIDTH; ++j) to[k * WIDTH + j] = 0;
    }
  }
}

// `rows` is a constant where this is inlined, so that the sums stay in registers.
KT_TILE_V4 void tile(const int rows, const float *a, long a_row, long a_column, const float *b,
                     long depth, float *c, long c_row, __mmask16 left, __mmask16 right,
                     int accumulate) {
  __m512 sums[HEIGHT][2];
  KT_UNROLLED
  for (int i = 0; i < rows; ++i) {
    sums[i][0] = accumulate ? _mm512_maskz_loadu_ps(left, c + i * c_row) : _mm512_setzero_ps();
    sums[i][1] =
        accumulate ? _mm512_maskz_loadu_ps(right, c + i * c_row + 16) : _mm512_setzero_ps();
  }
  for (long k = 0; k < depth; ++k) {
    __m512 b0 = _mm512_loadu_ps(b + k * WIDTH), b1 = _mm512_loadu_ps(b + k * WIDTH + 16);
KT_UNROLLED
  for (int i = 0; i < rows; ++i) {
      __m512 element = _mm512_set1_ps(a[i * a_row + k * a_column]);
      sums[i][0] = _mm512_fmadd_ps(element, b0, sums[i][0]);
      sums[i][1] = _mm512_fmadd_ps(element, b1, sums[i][1]);
    }
  }
  KT_UNROLLED
  for (int i = 0; i < rows; ++i) {
    _mm512_mask_storeu_ps(c + i * c_row, left, sums[i][0]);
    _mm512_mask_storeu_ps(c + i * c_row + 16, right, sums[i][1]);
  }
}

KT_V4 static void tiles(long rows, const float *a, long a_row, long a_column, const float *b,
                        long depth, float *c, long c_row, __mmask16 left, __mmask16 right,
                        int accumulate) {
  long i = 0;
  for (; i + HEIGHT <= rows; i += HEIGHT)
    tile(HEIGHT, a + i * a_row, a_row, a_column, b, depth, c + i * c_row, c_row, left, right,
         accumulate);
  a += i * a_row;
  c += i * c_row;
#define KT_REST(n)                                                                    \
  case n:                                                                             \
    tile(n, a, a_row, a_column, b, depth, c, c_row, left, right, accumulate);         \
    break;
  switch (rows - i) {
    KT_REST(1) KT_REST(2) KT_REST(3) KT_REST(4) KT_REST(5) KT_REST(6) KT_REST(7) KT_REST(8)
    KT_REST(9) KT_REST(10) KT_REST(11) KT_REST(12) KT_REST(13)
  }
#undef KT_REST
}

KT_V4 void kt_product(const float *a, long a_row, long a_column, const float *packed,
                      long panel_stride, float *c, long c_row, long rows, long columns, long depth,
                      int accumulate) {
  for (long k = 0; k < depth || k == 0; k += DEPTH) {
    long part = depth - k < DEPTH ? depth - k : DEPTH;
    for (long j = 0; j < columns; j += WIDTH) {
      long width = columns - j < WIDTH ? columns - j : WIDTH;
      __mmask16 left = width >= 16 ? 0xFFFF : (__mmask16)((1u << width) - 1);
      __mmask16 right = width >= 32 ? 0xFFFF : width <= 16 ? 0 : (__mmask16)((1u << (width - 16)) - 1);
      tiles(rows, a + k * a_column, a_row, a_column, packed + j / WIDTH * panel_stride + k * WIDTH,
            part, c + j, c_row, left, right, accumulate || k > 0);
    }
  }
}

#else

int kt_has_tiles(void) { return 0; }
void kt_pack(const float *b, long row_stride, long column_stride, long rows, long columns,
             long first_panel, long end_panel, float *packed) {}
void kt_product(const float *a, long a_row, long a_column, const float *packed, long panel_stride,
                float *c, long c_row, long rows, long columns, long depth, int accumulate) {}

#endif
