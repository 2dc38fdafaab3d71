// Convolutions of an embedding as sums of a table's rows. There is little to compute; what counts is
// that sums stay in registers, and that rows are on their way before they are needed.
#include <math.h>
#include <string.h>

#include "ckernels.h"

// Sixteen floats, in as many registers as the processor takes for them.
typedef float kt_floats __attribute__((vector_size(64), aligned(4)));
typedef int32_t kt_flags __attribute__((vector_size(64), aligned(4)));

enum { KT_LANES = 16, KT_AHEAD = 24 };

#define KT_UNROLLED _Pragma("clang loop unroll(full)")

// The taps of the window that starts at `start` which lie within the sample: [*from, *to).
static inline void inside(kt_token_windows w, long start, long *from, long *to) {
  long room = w.length - start;
  *from = start < 0 ? (-start + w.dilation - 1) / w.dilation : 0;
  *to = room <= 0 ? 0 : (room + w.dilation - 1) / w.dilation;
  if (*to > w.size) *to = w.size;
}

// `vectors` is a constant where this is inlined, so that the sums stay in registers.
static inline __attribute__((always_inline)) void add_rows(const int vectors, kt_token_windows w,
                                                           const float *table,
                                                           const int32_t *tokens, long start,
                                                           kt_floats *sums) {
  const long width = vectors * KT_LANES;
  long from = 0, to = w.size;
  if (start < 0 || start + (w.size - 1) * w.dilation >= w.length) inside(w, start, &from, &to);
  KT_UNROLLED
  for (int j = 0; j < vectors; ++j) sums[j] = (kt_floats){0};
  for (long k = from; k < to; ++k) {
    const float *row = table + ((long)tokens[start + k * w.dilation] * w.size + k) * width;
    KT_UNROLLED
    for (int j = 0; j < vectors; ++j) sums[j] += *(const kt_floats *)(row + j * KT_LANES);
  }
}

// Asks for all that the token some windows further will read; `last` is the last token of all.
static inline __attribute__((always_inline)) void prefetch(const int vectors, kt_token_windows w,
                                                           const float *table,
                                                           const int32_t *token,
                                                           const int32_t *last) {
  const long count = w.size * vectors * KT_LANES;
  const float *row = table + (token < last ? *token : *last) * count;
  for (long i = 0; i < count; i += 16) __builtin_prefetch(row + i);
}

static inline __attribute__((always_inline)) void maxima(const int vectors, kt_token_windows w,
                                                         const float *table, const int32_t *tokens,
                                                         long samples, float *maximum) {
  const int32_t *last = tokens + samples * w.length - 1;
  for (long n = 0; n < samples; ++n) {
    const int32_t *sample = tokens + n * w.length;
    kt_floats best[4], sums[4];
    KT_UNROLLED
    for (int j = 0; j < vectors; ++j) best[j] = (kt_floats){0} - INFINITY;
    for (long t = 0; t < w.count; ++t) {
      long start = t * w.stride - w.leading;
      prefetch(vectors, w, table, sample + start + w.leading + KT_AHEAD, last);
      add_rows(vectors, w, table, sample, start, sums);
      KT_UNROLLED
      for (int j = 0; j < vectors; ++j) {
        // A NaN wins and stays: it must not be hidden by the numbers around it.
        kt_flags stays = (sums[j] <= best[j]) | (best[j] != best[j]);
        best[j] = (kt_floats)((stays & (kt_flags)best[j]) | (~stays & (kt_flags)sums[j]));
      }
    }
    memcpy(maximum + n * w.filters, best, (size_t)w.columns * sizeof(float));
  }
}

static inline __attribute__((always_inline)) void outputs(const int vectors, kt_token_windows w,
                                                          const float *table,
                                                          const int32_t *tokens, long samples,
                                                          float *output) {
  const int32_t *last = tokens + samples * w.length - 1;
  for (long n = 0; n < samples; ++n) {
    const int32_t *sample = tokens + n * w.length;
    for (long t = 0; t < w.count; ++t) {
      kt_floats sums[4];
      long start = t * w.stride - w.leading;
      prefetch(vectors, w, table, sample + start + w.leading + KT_AHEAD, last);
      add_rows(vectors, w, table, sample, start, sums);
      memcpy(output + (n * w.count + t) * w.filters, sums, (size_t)w.columns * sizeof(float));
    }
  }
}

// Calls `function` with the number of vectors in a block as a constant.
#define KT_BY_WIDTH(function)                                            \
  switch (w.width / KT_LANES) {                                          \
    case 1: function(1, w, table, tokens, samples, to); break;           \
    case 2: function(2, w, table, tokens, samples, to); break;           \
    case 3: function(3, w, table, tokens, samples, to); break;           \
    default: function(4, w, table, tokens, samples, to);                 \
  }

KT_CLONES
void kt_token_maxima(kt_token_windows w, const float *table, const int32_t *tokens, long samples,
                     float *to) {
  KT_BY_WIDTH(maxima)
}

KT_CLONES
void kt_token_sums(kt_token_windows w, const float *table, const int32_t *tokens, long samples,
                   float *to) {
  KT_BY_WIDTH(outputs)
}
