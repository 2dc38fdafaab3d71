// Sixteen numbers side by side, and the larger of two: what loops with several running results use.
#pragma once
#include <stdint.h>
#include <string.h>

enum { WIDTH = 16 };
typedef float lanes __attribute__((vector_size(4 * WIDTH)));
typedef int32_t masks __attribute__((vector_size(4 * WIDTH)));

#define LOAD(vector, from) memcpy(&(vector), (from), sizeof(lanes))
#define STORE(vector, to) memcpy((to), &(vector), sizeof(lanes))
#define LARGER(x, y) ((x) > (y) || (x) != (x) ? (x) : (y))
// LARGER for vectors: where x is larger, or NaN, its bits; else those of y.
#define LARGER_LANES(x, y)                                                        \
  ({                                                                              \
    masks pick_ = ((x) > (y)) | ((x) != (x));                                     \
    (lanes)((pick_ & (masks)(x)) | (~pick_ & (masks)(y)));                        \
  })
