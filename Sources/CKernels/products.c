// Matrix products by tiles of sums that stay in registers. Operands may be read with any strides, so
// that a convolution multiplies overlapping windows in place; and each sum is made in the order of its
// terms wherever its row stands, so that equal rows have equal products to the bit, which BLAS does
// not promise.
#include "ckernels.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

// Columns in a panel of a packed matrix; rows of it that are multiplied at once, so that what is read
// again and again stays in the first-level cache.
enum { KT_PANEL = 32, KT_DEPTH = 256 };

#define KT_UNROLLED _Pragma("clang loop unroll(full)")

// 32 registers of 16: a tile of 14 × 32.
#define KT_TARGET __attribute__((target("avx512f,fma")))
#define KT_NAME(x) kt_##x##_avx512
#define KT_VECTOR __m512
#define KT_LANES 16
#define KT_HEIGHT 14
#define KT_LOAD _mm512_loadu_ps
#define KT_STORE _mm512_storeu_ps
#define KT_ZERO _mm512_setzero_ps
#define KT_SPREAD _mm512_set1_ps
#define KT_ADD_PRODUCT _mm512_fmadd_ps
#include "products_tile.h"

// 16 registers of 8: a tile of 6 × 16.
#define KT_TARGET __attribute__((target("avx2,fma")))
#define KT_NAME(x) kt_##x##_avx2
#define KT_VECTOR __m256
#define KT_LANES 8
#define KT_HEIGHT 6
#define KT_LOAD _mm256_loadu_ps
#define KT_STORE _mm256_storeu_ps
#define KT_ZERO _mm256_setzero_ps
#define KT_SPREAD _mm256_set1_ps
#define KT_ADD_PRODUCT _mm256_fmadd_ps
#include "products_tile.h"

int kt_tile_lanes(void) {
  if (__builtin_cpu_supports("avx512f")) return 16;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 8 : 0;
}

void kt_pack(const float *b, long row_stride, long column_stride, long rows, long columns,
             long first_panel, long end_panel, float *packed, long panel_stride) {
  for (long panel = first_panel; panel < end_panel; ++panel) {
    float *to = packed + panel * panel_stride;
    long first = panel * KT_PANEL, width = columns - first < KT_PANEL ? columns - first : KT_PANEL;
    for (long k = 0; k < rows; ++k) {
      const float *from = b + k * row_stride + first * column_stride;
      if (column_stride == 1 && width == KT_PANEL) {
        memcpy(to + k * KT_PANEL, from, KT_PANEL * sizeof(float));
        continue;
      }
      for (long j = 0; j < width; ++j) to[k * KT_PANEL + j] = from[j * column_stride];
      for (long j = width; j < KT_PANEL; ++j) to[k * KT_PANEL + j] = 0;
    }
  }
}

void kt_product(int lanes, const float *a, long a_row, long a_column, const float *packed,
                long panel_stride, float *c, long c_row, long rows, long columns, long depth,
                int accumulate) {
  (lanes == 16 ? kt_product_avx512 : kt_product_avx2)(a, a_row, a_column, packed, panel_stride, c,
                                                      c_row, rows, columns, depth, accumulate);
}

void kt_row_product(int lanes, const float *a, long a_row, const float *b, long b_row, float *c,
                    long c_row, long rows, long columns, long depth) {
  (lanes == 16 ? kt_row_product_avx512 : kt_row_product_avx2)(a, a_row, b, b_row, c, c_row, rows,
                                                              columns, depth);
}

#else

int kt_tile_lanes(void) { return 0; }
void kt_pack(const float *b, long row_stride, long column_stride, long rows, long columns,
             long first_panel, long end_panel, float *packed, long panel_stride) {}
void kt_product(int lanes, const float *a, long a_row, long a_column, const float *packed,
                long panel_stride, float *c, long c_row, long rows, long columns, long depth,
                int accumulate) {}
void kt_row_product(int lanes, const float *a, long a_row, const float *b, long b_row, float *c,
                    long c_row, long rows, long columns, long depth) {}

#endif
