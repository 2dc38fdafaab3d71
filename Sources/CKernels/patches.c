// What the windows of a convolution see, as the rows of a matrix: a block of windows at a time.
#include "ckernels.h"

#include <string.h>

static inline __attribute__((always_inline)) void copy_run(const float *from, float *to, long count) {
  if (count >= 16) {
    memcpy(to, from, (size_t)count * sizeof(float));
    return;
  }
  for (long i = 0; i < count; ++i) to[i] = from[i];
}

static inline __attribute__((always_inline)) void add_run(const float *from, float *to, long count) {
  for (long i = 0; i < count; ++i) to[i] += from[i];
}

// Calls a step for each run of neighbouring channels: the taps of a row of the last axis at once where
// they are neighbours. `x` is null where the run is of padding.
#define FOR_EACH_RUN(STEP)                                                                      \
  const kt_axis *d = &p.axes[0], *h = &p.axes[1], *w = &p.axes[2];                              \
  int joined = w->dilation == 1 && p.width == p.channels;                                       \
  for (long i = first; i < first + count; ++i) {                                                \
    long at_w = i % w->count * w->stride - w->leading;                                          \
    long at_h = i / w->count % h->count * h->stride - h->leading;                               \
    long at_d = i / w->count / h->count * d->stride - d->leading;                               \
    long from = at_w < 0 ? -at_w : 0, end = w->length - at_w;                                   \
    from = from < w->size ? from : w->size;                                                     \
    end = end < from ? from : end < w->size ? end : w->size;                                    \
    for (long kd = 0; kd < d->size; ++kd)                                                       \
      for (long kh = 0; kh < h->size; ++kh) {                                                   \
        long y = at_h + kh * h->dilation, z = at_d + kd * d->dilation;                          \
        int inside = y >= 0 && y < h->length && z >= 0 && z < d->length;                        \
        long row = (z * h->length + y) * w->length;                                             \
        if (joined && inside) {                                                                 \
          STEP(-1, from * p.width);                                                             \
          STEP((row + at_w + from) * p.channels + p.first_channel, (end - from) * p.width);     \
          STEP(-1, (w->size - end) * p.width);                                                  \
        } else if (!inside) {                                                                   \
          STEP(-1, w->size *p.width);                                                           \
        } else {                                                                                \
          for (long kw = 0; kw < w->size; ++kw) {                                               \
            long x = at_w + kw * w->dilation;                                                   \
            STEP(x >= 0 && x < w->length ? (row + x) * p.channels + p.first_channel : -1,       \
                 p.width);                                                                      \
          }                                                                                     \
        }                                                                                       \
      }                                                                                         \
  }

KT_CLONES
void kt_gather_patches(kt_patches p, const float *sample, long first, long count, float *patches) {
#define GATHER(place, n)                                  \
  do {                                                    \
    long at = (place), run = (n);                         \
    if (at >= 0)                                          \
      copy_run(sample + at, patches, run);                \
    else                                                  \
      for (long j = 0; j < run; ++j) patches[j] = 0;      \
    patches += run;                                       \
  } while (0)
  FOR_EACH_RUN(GATHER)
}

KT_CLONES
void kt_scatter_patches(kt_patches p, const float *patches, long first, long count, float *sample) {
#define SCATTER(place, n)                                 \
  do {                                                    \
    long at = (place), run = (n);                         \
    if (at >= 0) add_run(patches, sample + at, run);      \
    patches += run;                                       \
  } while (0)
  FOR_EACH_RUN(SCATTER)
}

KT_CLONES
void kt_pad_rows(const float *from, long rows, long length, long leading, long padded, float *to) {
  for (long i = 0; i < rows; ++i, from += length, to += padded) {
    for (long j = 0; j < leading; ++j) to[j] = 0;
    memcpy(to + leading, from, (size_t)length * sizeof(float));
    for (long j = leading + length; j < padded; ++j) to[j] = 0;
  }
}

KT_CLONES
void kt_add_row(float *rows, long count, long width, const float *row) {
  for (long i = 0; i < count; ++i, rows += width)
    for (long j = 0; j < width; ++j) rows[j] += row[j];
}
