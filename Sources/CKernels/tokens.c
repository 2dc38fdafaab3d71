#include <string.h>

#include "ckernels.h"
#include "elementary.h"

KT_CLONES
void kt_tokens_differ(const int32_t *x, long count, int32_t value, float *to) {
  KT_INDEPENDENT
  for (long i = 0; i < count; ++i) to[i] = x[i] != value ? 1.0f : 0.0f;
}

void kt_one_hot(const int32_t *x, long count, long depth, float *to) {
  memset(to, 0, (size_t)(count * depth) * sizeof(float));
  for (long i = 0; i < count; ++i)
    if (x[i] >= 0 && x[i] < depth) to[i * depth + x[i]] = 1.0f;
}

KT_CLONES
void kt_to_float(const int32_t *x, long count, float *to) {
  KT_INDEPENDENT
  for (long i = 0; i < count; ++i) to[i] = (float)x[i];
}

KT_CLONES
void kt_to_int(const float *x, long count, int32_t *to) {
  KT_INDEPENDENT
  for (long i = 0; i < count; ++i)
    to[i] = x[i] >= -2147483648.0f && x[i] < 2147483648.0f ? (int32_t)x[i] : INT32_MIN;
}
