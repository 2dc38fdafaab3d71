// What is left of a convolution's gradients when only one window of each filter counts.
#include "ckernels.h"

KT_CLONES
void kt_max_rows(const float *restrict rows, long count, long width, long first,
                 float *restrict maximum, int32_t *restrict ties, int32_t *restrict start) {
  for (long i = 0; i < count; ++i) {
    const float *row = rows + i * width;
    long position = first + i;
    int32_t *word = ties + position / 32 * width;
    int32_t place = (int32_t)(position / 32), bit = (int32_t)(1u << (position % 32));
    if (position % 32 == 0)
      for (long j = 0; j < width; ++j) word[j] = 0;
    if (position == 0) {
      for (long j = 0; j < width; ++j) {
        maximum[j] = row[j];
        word[j] = 1;
        start[j] = 0;
      }
      continue;
    }
    for (long j = 0; j < width; ++j) {
      // A NaN wins and stays: it must not be hidden by the numbers around it.
      int larger = !(row[j] <= maximum[j]) & (maximum[j] == maximum[j]);
      int32_t tied = row[j] == maximum[j] ? word[j] | bit : word[j];
      maximum[j] = larger ? row[j] : maximum[j];
      word[j] = larger ? bit : tied;
      start[j] = larger ? place : start[j];
    }
  }
}

KT_CLONES
void kt_forget_ties(int32_t *ties, long words, long width, const int32_t *start) {
  for (long i = 0; i < words; ++i)
    for (long j = 0; j < width; ++j)
      ties[i * width + j] = i < start[j] ? 0 : ties[i * width + j];
}

// The taps of window `t` that lie within the input: [*from, *to).
static void inside(kt_windows w, long t, long *from, long *to) {
  long start = t * w.stride - w.leading;
  long first = start < 0 ? (-start + w.dilation - 1) / w.dilation : 0;
  long room = w.length - start;
  long end = room <= 0 ? 0 : (room + w.dilation - 1) / w.dilation;
  *from = first;
  *to = end < w.size ? end : w.size;
}

static inline __attribute__((always_inline)) void add_scaled(float *restrict sum, float factor,
                                                             const float *restrict row,
                                                             long count) {
  for (long i = 0; i < count; ++i) sum[i] += factor * row[i];
}

// The windows that share a filter's maximum, one after the other.
typedef struct {
  const int32_t *words;
  long stride, count, index;
  uint32_t rest;
} windows_left;

static inline windows_left ties_of(const int32_t *ties, long filter, long words, long stride) {
  windows_left left = {ties + filter, stride, words, 0, (uint32_t)ties[filter]};
  return left;
}

static inline long next_window(windows_left *left) {
  while (left->rest == 0) {
    if (++left->index >= left->count) return -1;
    left->rest = (uint32_t)left->words[left->index * left->stride];
  }
  long window = left->index * 32 + __builtin_ctz(left->rest);
  left->rest &= left->rest - 1;
  return window;
}

static inline long count_windows(const int32_t *ties, long filter, long words, long stride) {
  long count = 0;
  for (long i = 0; i < words; ++i) count += __builtin_popcount((uint32_t)ties[i * stride + filter]);
  return count;
}

// `from` and `to` are the filter's taps, [size, channels], and the input's rows; which of them is
// added to depends on the gradient.
static inline __attribute__((always_inline)) void add_window(kt_windows w, long window, float share,
                                                             float *taps, float *rows,
                                                             int adds_to_rows) {
  long from, to, start = window * w.stride - w.leading;
  inside(w, window, &from, &to);
  if (w.dilation == 1) {
    float *tap = taps + from * w.channels, *row = rows + (start + from) * w.channels;
    if (from < to)
      add_scaled(adds_to_rows ? row : tap, share, adds_to_rows ? tap : row,
                 (to - from) * w.channels);
    return;
  }
  for (long k = from; k < to; ++k) {
    float *tap = taps + k * w.channels, *row = rows + (start + k * w.dilation) * w.channels;
    add_scaled(adds_to_rows ? row : tap, share, adds_to_rows ? tap : row, w.channels);
  }
}

KT_CLONES
void kt_sparse_input_gradient(kt_windows w, const float *gradient, const int32_t *ties,
                              const float *kernel, float *output) {
  for (long f = 0; f < w.filters; ++f) {
    if (gradient[f] == 0) continue;
    float share = gradient[f] / (float)count_windows(ties, f, w.words, w.filters);
    windows_left left = ties_of(ties, f, w.words, w.filters);
    for (long t = next_window(&left); t >= 0; t = next_window(&left))
      add_window(w, t, share, (float *)kernel + f * w.size * w.channels, output, 1);
  }
}

// Asks for the input that the first window of a filter sees. Filters have their windows anywhere, so
// that the processor cannot guess what comes next.
static inline void expect_window(kt_windows w, const int32_t *ties, long filter,
                                 const float *input) {
  windows_left left = ties_of(ties, filter, w.words, w.filters);
  long window = next_window(&left), from, to;
  if (window < 0) return;
  inside(w, window, &from, &to);
  const float *row = input + (window * w.stride - w.leading + from * w.dilation) * w.channels;
  long count = (to - from) * w.channels;
  for (long i = 0; i < count && w.dilation == 1; i += 16) __builtin_prefetch(row + i);
}

KT_CLONES
void kt_sparse_kernel_gradient(kt_windows w, const float *gradient, const int32_t *ties,
                               long count, const float *input, float *sum) {
  for (long f = 0; f < count; ++f) {
    if (f + 1 < count && gradient[f + 1] != 0) expect_window(w, ties, f + 1, input);
    if (gradient[f] == 0) continue;
    float share = gradient[f] / (float)count_windows(ties, f, w.words, w.filters);
    windows_left left = ties_of(ties, f, w.words, w.filters);
    for (long t = next_window(&left); t >= 0; t = next_window(&left))
      add_window(w, t, share, sum + f * w.size * w.channels, (float *)input, 0);
  }
}

KT_CLONES
void kt_transpose(const float *source, long rows, long columns, long first, long end,
                  float *output) {
  enum { BLOCK = 16 };
  for (long j0 = first; j0 < end; j0 += BLOCK)
    for (long i0 = 0; i0 < rows; i0 += BLOCK) {
      long height = rows - i0 < BLOCK ? rows - i0 : BLOCK;
      long width = end - j0 < BLOCK ? end - j0 : BLOCK;
      float block[BLOCK][BLOCK];
      for (long i = 0; i < height; ++i)
        for (long j = 0; j < width; ++j) block[j][i] = source[(i0 + i) * columns + j0 + j];
      for (long j = 0; j < width; ++j)
        for (long i = 0; i < height; ++i) output[(j0 + j) * rows + i0 + i] = block[j][i];
    }
}
