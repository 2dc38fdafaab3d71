#include "ckernels.h"
#include "elementary.h"

// One sample at a time: `length` positions of `channels` numbers, taken in windows. A window's part
// outside the sample is left out.

typedef struct {
  long begin, end;
} span;

KT_INLINE span window(kt_pool p, long index) {
  long begin = index * p.stride - p.leading;
  span s = {begin < 0 ? 0 : begin, begin + p.size > p.length ? p.length : begin + p.size};
  return s;
}

KT_CLONES
void kt_max_pool(kt_pool p, const float *x, float *y) {
  for (long w = 0; w < p.count; ++w, y += p.channels) {
    span s = window(p, w);
    memcpy(y, x + s.begin * p.channels, (size_t)p.channels * sizeof(float));
    for (long t = s.begin + 1; t < s.end; ++t) {
      const float *row = x + t * p.channels;
      KT_INDEPENDENT
      for (long c = 0; c < p.channels; ++c)
        y[c] = row[c] > y[c] || row[c] != row[c] ? row[c] : y[c];
    }
  }
}

// The gradient of a window goes to its first largest element.
KT_CLONES
void kt_max_pool_gradient(kt_pool p, const float *x, const float *gradient, float *to) {
  memset(to, 0, (size_t)(p.length * p.channels) * sizeof(float));
  enum { CHUNK = 64 };
  for (long w = 0; w < p.count; ++w, gradient += p.channels) {
    span s = window(p, w);
    for (long c = 0; c < p.channels; c += CHUNK) {
      long count = p.channels - c < CHUNK ? p.channels - c : CHUNK;
      float best[CHUNK];
      int32_t where[CHUNK];
      for (long k = 0; k < count; ++k) {
        best[k] = x[s.begin * p.channels + c + k];
        where[k] = (int32_t)s.begin;
      }
      for (long t = s.begin + 1; t < s.end; ++t) {
        const float *row = x + t * p.channels + c;
        for (long k = 0; k < count; ++k) {
          int better = row[k] > best[k] || (row[k] != row[k] && best[k] == best[k]);
          where[k] = better ? (int32_t)t : where[k];
          best[k] = better ? row[k] : best[k];
        }
      }
      for (long k = 0; k < count; ++k)
        to[(long)where[k] * p.channels + c + k] += gradient[c + k];
    }
  }
}

KT_CLONES
void kt_average_pool(kt_pool p, const float *x, float *y) {
  for (long w = 0; w < p.count; ++w, y += p.channels) {
    span s = window(p, w);
    memcpy(y, x + s.begin * p.channels, (size_t)p.channels * sizeof(float));
    for (long t = s.begin + 1; t < s.end; ++t) {
      const float *row = x + t * p.channels;
      KT_INDEPENDENT
      for (long c = 0; c < p.channels; ++c) y[c] += row[c];
    }
    float real = (float)(s.end - s.begin);
    for (long c = 0; c < p.channels; ++c) y[c] /= real;
  }
}

KT_CLONES
void kt_average_pool_gradient(kt_pool p, const float *gradient, float *to) {
  memset(to, 0, (size_t)(p.length * p.channels) * sizeof(float));
  for (long w = 0; w < p.count; ++w, gradient += p.channels) {
    span s = window(p, w);
    float real = (float)(s.end - s.begin);
    for (long t = s.begin; t < s.end; ++t) {
      float *row = to + t * p.channels;
      KT_INDEPENDENT
      for (long c = 0; c < p.channels; ++c) row[c] += gradient[c] / real;
    }
  }
}
