#include <string.h>

#include "ckernels.h"

KT_CLONES
long kt_first_outside(const int32_t *tokens, long count, int32_t bound) {
  // Whole blocks first: the check that nearly always passes is a vector loop without a branch.
  const long block = 1024;
  for (long start = 0; start < count; start += block) {
    long end = start + block < count ? start + block : count;
    uint32_t largest = 0;
    for (long i = start; i < end; ++i) {
      uint32_t token = (uint32_t)tokens[i];
      largest = token > largest ? token : largest;
    }
    if (largest < (uint32_t)bound) continue;
    for (long i = start; i < end; ++i)
      if ((uint32_t)tokens[i] >= (uint32_t)bound) return i;
  }
  return count;
}

void kt_gather_rows(const float *table, long width, const int32_t *tokens, long count,
                    float *output) {
  for (long i = 0; i < count; ++i)
    memcpy(output + i * width, table + (long)tokens[i] * width, (size_t)width * sizeof(float));
}

KT_CLONES
void kt_scatter_add_rows(const float *source, long width, const int32_t *tokens, long count,
                         int32_t first, int32_t end, float *output) {
  memset(output + (long)first * width, 0, (size_t)(end - first) * (size_t)width * sizeof(float));
  for (long i = 0; i < count; ++i) {
    if (tokens[i] < first || tokens[i] >= end) continue;
    float *row = output + (long)tokens[i] * width;
    const float *from = source + i * width;
    for (long d = 0; d < width; ++d) row[d] += from[d];
  }
}

void kt_order_tokens(const int32_t *tokens, long count, long rows, int32_t *starts,
                     int32_t *positions) {
  memset(starts, 0, (size_t)(rows + 1) * sizeof(int32_t));
  for (long i = 0; i < count; ++i)
    if (tokens[i] >= 0 && tokens[i] < rows) ++starts[tokens[i]];
  // To the end of each row's positions, from where they are put backwards.
  int32_t end = 0;
  for (long v = 0; v < rows; ++v) starts[v] = end += starts[v];
  starts[rows] = end;
  for (long i = count - 1; i >= 0; --i)
    if (tokens[i] >= 0 && tokens[i] < rows) positions[--starts[tokens[i]]] = (int32_t)i;
}

KT_CLONES
void kt_add_ordered_rows(const float *source, long width, const int32_t *starts, long count,
                         const int32_t *positions, float *sum, float *squares) {
// Squares are rounded before they are added, as where they are an op of their own.
#pragma STDC FP_CONTRACT OFF
  memset(sum, 0, (size_t)(count * width) * sizeof(float));
  if (squares) memset(squares, 0, (size_t)(count * width) * sizeof(float));
  for (long v = 0; v < count; ++v)
    for (long i = starts[v]; i < starts[v + 1]; ++i) {
      const float *from = source + positions[i] * width;
      float *to = sum + v * width, *power = squares + v * width;
      // Positions lie anywhere, so that the processor cannot guess what comes next.
      if (i + 2 < starts[count])
        for (long d = 0; d < width; d += 16)
          __builtin_prefetch(source + positions[i + 2] * width + d);
      if (squares) {
        KT_INDEPENDENT
        for (long d = 0; d < width; ++d) {
          to[d] += from[d];
          power[d] += from[d] * from[d];
        }
      } else {
        KT_INDEPENDENT
        for (long d = 0; d < width; ++d) to[d] += from[d];
      }
    }
}

KT_CLONES
void kt_sum_rows(const float *x, long width, const int32_t *starts, const int32_t *positions,
                 const float *weights, long first, long end, float *y) {
  for (long j = first; j < end; ++j) {
    float *to = y + j * width;
    memset(to, 0, (size_t)width * sizeof(float));
    for (long k = starts[j]; k < starts[j + 1]; ++k) {
      const float *from = x + positions[k] * width;
      float weight = weights[k];
      KT_INDEPENDENT
      for (long d = 0; d < width; ++d) to[d] += weight * from[d];
    }
  }
}
