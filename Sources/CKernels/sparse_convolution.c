// What is left of a convolution's gradients when only one window of each filter counts.
#include "ckernels.h"

KT_CLONES
void kt_max_rows(const float *rows, long count, long width, long first, float *maximum,
                 int32_t *index) {
  long start = 0;
  if (first == 0) {
    for (long j = 0; j < width; ++j) {
      maximum[j] = rows[j];
      index[j] = 0;
    }
    start = 1;
  }
  for (long i = start; i < count; ++i) {
    const float *row = rows + i * width;
    int32_t position = (int32_t)(first + i);
    for (long j = 0; j < width; ++j) {
      // A NaN wins and stays: it must not be hidden by the numbers around it.
      int larger = !(row[j] <= maximum[j]) & (maximum[j] == maximum[j]);
      maximum[j] = larger ? row[j] : maximum[j];
      index[j] = larger ? position : index[j];
    }
  }
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

KT_CLONES
void kt_sparse_input_gradient(kt_windows w, const float *gradient, const int32_t *window,
                              const float *kernel, float *output) {
  for (long f = 0; f < w.filters; ++f) {
    float g = gradient[f];
    if (g == 0) continue;
    long from, to, start = window[f] * w.stride - w.leading;
    inside(w, window[f], &from, &to);
    const float *taps = kernel + f * w.size * w.channels;
    if (w.dilation == 1) {
      add_scaled(output + (start + from) * w.channels, g, taps + from * w.channels,
                 (to - from) * w.channels);
    } else {
      for (long k = from; k < to; ++k)
        add_scaled(output + (start + k * w.dilation) * w.channels, g, taps + k * w.channels,
                   w.channels);
    }
  }
}

KT_CLONES
void kt_sparse_kernel_gradient(kt_windows w, const float *gradient, const int32_t *window,
                               long count, const float *input, float *sum) {
  for (long f = 0; f < count; ++f) {
    float g = gradient[f];
    if (g == 0) continue;
    long from, to, start = window[f] * w.stride - w.leading;
    inside(w, window[f], &from, &to);
    float *taps = sum + f * w.size * w.channels;
    if (w.dilation == 1) {
      add_scaled(taps + from * w.channels, g, input + (start + from) * w.channels,
                 (to - from) * w.channels);
    } else {
      for (long k = from; k < to; ++k)
        add_scaled(taps + k * w.channels, g, input + (start + k * w.dilation) * w.channels,
                   w.channels);
    }
  }
}

KT_CLONES
void kt_transpose(const float *source, long rows, long columns, float *output) {
  const long block = 16;
  for (long i0 = 0; i0 < rows; i0 += block)
    for (long j0 = 0; j0 < columns; j0 += block) {
      long i1 = i0 + block < rows ? i0 + block : rows;
      long j1 = j0 + block < columns ? j0 + block : columns;
      for (long j = j0; j < j1; ++j)
        for (long i = i0; i < i1; ++i) output[j * rows + i] = source[i * columns + j];
    }
}
