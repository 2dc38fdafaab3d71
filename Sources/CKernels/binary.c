#include "ckernels.h"
#include "elementary.h"

// Powers call the C library and stay scalar; all other loops are vectorised.
#pragma clang diagnostic ignored "-Wpass-failed"

// Every function of two numbers, x and y. Comparisons give 0 or 1; a NaN passes through maximum and
// minimum from either side.
#define FUNCTIONS(F)                          \
  F(add, x + y)                               \
  F(subtract, x - y)                          \
  F(multiply, x * y)                          \
  F(divide, x / y)                            \
  F(maximum, x > y || x != x ? x : y)         \
  F(minimum, x < y || x != x ? x : y)         \
  F(power, powf(x, y))                        \
  F(equal, x == y ? 1.0f : 0.0f)              \
  F(notEqual, x != y ? 1.0f : 0.0f)           \
  F(greater, x > y ? 1.0f : 0.0f)             \
  F(greaterOrEqual, x >= y ? 1.0f : 0.0f)

// An operand's elements lie side by side in a row, or one element counts for the whole row.
#define DEFINE(name, value)                                                                     \
  KT_CLONES void kt_binary_##name(kt_rows a, kt_rows b, float *to, long rows, long columns) {   \
    for (long row = 0; row < rows; ++row, to += columns) {                                      \
      const float *left = a.elements + row * a.row_stride;                                      \
      const float *right = b.elements + row * b.row_stride;                                     \
      if (a.column_stride && b.column_stride) {                                                 \
        KT_INDEPENDENT                                                                          \
        for (long i = 0; i < columns; ++i) {                                                    \
          float x = left[i], y = right[i];                                                      \
          to[i] = (value);                                                                      \
        }                                                                                       \
      } else if (a.column_stride) {                                                             \
        float y = right[0];                                                                     \
        KT_INDEPENDENT                                                                          \
        for (long i = 0; i < columns; ++i) {                                                    \
          float x = left[i];                                                                    \
          to[i] = (value);                                                                      \
        }                                                                                       \
      } else {                                                                                  \
        float x = left[0];                                                                      \
        KT_INDEPENDENT                                                                          \
        for (long i = 0; i < columns; ++i) {                                                    \
          float y = right[i * b.column_stride];                                                 \
          to[i] = (value);                                                                      \
        }                                                                                       \
      }                                                                                         \
    }                                                                                           \
  }
FUNCTIONS(DEFINE)

#define NAME(name, value) #name,
#define LOOP(name, value) kt_binary_##name,
static const char *const names[] = {FUNCTIONS(NAME)};
static void (*const loops[])(kt_rows, kt_rows, float *, long, long) = {FUNCTIONS(LOOP)};

long kt_binary_count(void) { return (long)(sizeof names / sizeof names[0]); }
const char *kt_binary_name(long code) { return names[code]; }

void kt_binary(long code, kt_rows a, kt_rows b, float *to, long rows, long columns) {
  loops[code](a, b, to, rows, columns);
}

KT_CLONES
void kt_select(kt_rows mask, kt_rows a, kt_rows b, float *to, long rows, long columns) {
  for (long row = 0; row < rows; ++row, to += columns) {
    const float *m = mask.elements + row * mask.row_stride;
    const float *x = a.elements + row * a.row_stride;
    const float *y = b.elements + row * b.row_stride;
    if (!mask.column_stride) {
      const float *from = m[0] != 0.0f ? x : y;
      long step = m[0] != 0.0f ? a.column_stride : b.column_stride;
      KT_INDEPENDENT
      for (long i = 0; i < columns; ++i) to[i] = from[i * step];
    } else if (a.column_stride && b.column_stride) {
      KT_INDEPENDENT
      for (long i = 0; i < columns; ++i) to[i] = m[i] != 0.0f ? x[i] : y[i];
    } else if (a.column_stride) {
      float other = y[0];
      KT_INDEPENDENT
      for (long i = 0; i < columns; ++i) to[i] = m[i] != 0.0f ? x[i] : other;
    } else if (b.column_stride) {
      float one = x[0];
      KT_INDEPENDENT
      for (long i = 0; i < columns; ++i) to[i] = m[i] != 0.0f ? one : y[i];
    } else {
      float one = x[0], other = y[0];
      KT_INDEPENDENT
      for (long i = 0; i < columns; ++i) to[i] = m[i] != 0.0f ? one : other;
    }
  }
}
