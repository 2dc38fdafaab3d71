// Convolutions of every channel by itself, one sample at a time: `filters` results from each group of
// `multiplier` filters of a channel; kernels are [taps, filters].
#include "ckernels.h"

// Calls a step for each tap that sees the sample from window i: its place in the kernel, and the position.
#define FOR_EACH_TAP(STEP)                                                                \
  {                                                                                       \
    const kt_axis *d = &p.axes[0], *h = &p.axes[1], *w = &p.axes[2];                      \
    long at_w = i % w->count * w->stride - w->leading;                                    \
    long at_h = i / w->count % h->count * h->stride - h->leading;                         \
    long at_d = i / w->count / h->count * d->stride - d->leading;                         \
    for (long kd = 0; kd < d->size; ++kd) {                                               \
      long z = at_d + kd * d->dilation;                                                   \
      if (z < 0 || z >= d->length) continue;                                              \
      for (long kh = 0; kh < h->size; ++kh) {                                             \
        long y = at_h + kh * h->dilation;                                                 \
        if (y < 0 || y >= h->length) continue;                                            \
        for (long kw = 0; kw < w->size; ++kw) {                                           \
          long x = at_w + kw * w->dilation;                                               \
          if (x < 0 || x >= w->length) continue;                                          \
          STEP((kd * h->size + kh) * w->size + kw, (z * h->length + y) * w->length + x)   \
        }                                                                                 \
      }                                                                                   \
    }                                                                                     \
  }

enum { CHUNK = 64 };

KT_CLONES
void kt_depthwise(kt_patches p, long multiplier, const float *sample, const float *kernel,
                  long first, long count, float *output) {
  long filters = p.channels * multiplier;
  for (long i = first; i < first + count; ++i, output += filters) {
    for (long f = 0; f < filters; f += CHUNK) {
      long width = filters - f < CHUNK ? filters - f : CHUNK;
      float sums[CHUNK] = {0};
#define ADD_WHOLE(tap, position)                                             \
  const float *from = sample + (position) * p.channels + f;                  \
  const float *factors = kernel + (tap) * filters + f;                       \
  for (long j = 0; j < CHUNK; ++j) sums[j] += from[j] * factors[j];
#define ADD_PART(tap, position)                                              \
  const float *from = sample + (position) * p.channels;                      \
  const float *factors = kernel + (tap) * filters + f;                       \
  if (multiplier == 1)                                                       \
    for (long j = 0; j < width; ++j) sums[j] += from[f + j] * factors[j];    \
  else                                                                       \
    for (long j = 0; j < width; ++j) sums[j] += from[(f + j) / multiplier] * factors[j];
      if (multiplier == 1 && width == CHUNK)
        FOR_EACH_TAP(ADD_WHOLE)
      else
        FOR_EACH_TAP(ADD_PART)
      for (long j = 0; j < width; ++j) output[f + j] = sums[j];
    }
  }
}

KT_CLONES
void kt_depthwise_input_gradient(kt_patches p, long multiplier, const float *gradient,
                                 const float *kernel, long windows, float *sample) {
  long filters = p.channels * multiplier;
  for (long i = 0; i < windows; ++i, gradient += filters) {
#define GIVE(tap, position)                                                            \
  float *to = sample + (position) * p.channels;                                        \
  const float *factors = kernel + (tap) * filters;                                     \
  if (multiplier == 1) {                                                               \
    KT_INDEPENDENT                                                                     \
    for (long j = 0; j < filters; ++j) to[j] += gradient[j] * factors[j];              \
  } else {                                                                             \
    for (long j = 0; j < filters; ++j) to[j / multiplier] += gradient[j] * factors[j]; \
  }
    FOR_EACH_TAP(GIVE)
  }
}

KT_CLONES
void kt_depthwise_kernel_gradient(kt_patches p, long multiplier, const float *sample,
                                  const float *gradient, long windows, float *kernel) {
  long filters = p.channels * multiplier;
  for (long i = 0; i < windows; ++i, gradient += filters) {
#define TAKE(tap, position)                                                              \
  const float *from = sample + (position) * p.channels;                                  \
  float *to = kernel + (tap) * filters;                                                  \
  if (multiplier == 1) {                                                                 \
    KT_INDEPENDENT                                                                       \
    for (long j = 0; j < filters; ++j) to[j] += from[j] * gradient[j];                   \
  } else {                                                                               \
    for (long j = 0; j < filters; ++j) to[j] += from[j / multiplier] * gradient[j];      \
  }
    FOR_EACH_TAP(TAKE)
  }
}
