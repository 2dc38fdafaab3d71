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
