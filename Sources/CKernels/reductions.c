#include "ckernels.h"
#include "elementary.h"
#include "lanes.h"

// Results run in lanes: they are independent, so the machine need not wait for the last one, and each
// goes over a sixteenth of the elements, so that rounding errors stay small.

KT_INLINE float sum(const float *x, long count) {
  lanes total[4] = {{0}, {0}, {0}, {0}};
  long i = 0;
  for (; i + 4 * WIDTH <= count; i += 4 * WIDTH)
    for (int k = 0; k < 4; ++k) {
      lanes next;
      LOAD(next, x + i + k * WIDTH);
      total[k] += next;
    }
  for (; i + WIDTH <= count; i += WIDTH) {
    lanes next;
    LOAD(next, x + i);
    total[0] += next;
  }
  lanes all = (total[0] + total[1]) + (total[2] + total[3]);
  float tail = 0.0f;
  for (; i < count; ++i) tail += x[i];
  float part[WIDTH];
  STORE(all, part);
  for (int half = WIDTH / 2; half; half /= 2)
    for (int k = 0; k < half; ++k) part[k] += part[k + half];
  return part[0] + tail;
}

KT_INLINE float largest(const float *x, long count) {
  float result = x[0];
  long i = 1;
  if (count >= WIDTH) {
    lanes best, next;
    LOAD(best, x);
    for (i = WIDTH; i + WIDTH <= count; i += WIDTH) {
      LOAD(next, x + i);
      best = LARGER_LANES(next, best);
    }
    float part[WIDTH];
    STORE(best, part);
    // Either operand's NaN stays: LARGER keeps the left one's, and passes on the right one's.
    for (int k = 0; k < WIDTH; ++k) result = LARGER(result, part[k]);
  }
  for (; i < count; ++i) result = LARGER(result, x[i]);
  return result;
}

KT_CLONES
void kt_row_sums(const float *x, long rows, long columns, float divisor, float *to) {
  for (long row = 0; row < rows; ++row) to[row] = sum(x + row * columns, columns) / divisor;
}

KT_CLONES
void kt_row_maxima(const float *x, long rows, long columns, float *to) {
  for (long row = 0; row < rows; ++row) to[row] = largest(x + row * columns, columns);
}

KT_CLONES
void kt_column_sums(const float *x, long rows, long columns, long first, long end, float divisor,
                    float *to) {
  long c = first;
  for (; c + 4 * WIDTH <= end; c += 4 * WIDTH) {
    lanes total[4] = {{0}, {0}, {0}, {0}};
    for (long row = 0; row < rows; ++row)
      for (int k = 0; k < 4; ++k) {
        lanes next;
        LOAD(next, x + row * columns + c + k * WIDTH);
        total[k] += next;
      }
    for (int k = 0; k < 4; ++k) {
      total[k] /= divisor;
      STORE(total[k], to + c + k * WIDTH);
    }
  }
  if (c == end) return;
  float rest[4 * WIDTH] = {0};
  long count = end - c;
  for (long row = 0; row < rows; ++row)
    for (long k = 0; k < count; ++k) rest[k] += x[row * columns + c + k];
  for (long k = 0; k < count; ++k) to[c + k] = rest[k] / divisor;
}

KT_CLONES
void kt_column_maxima(const float *x, long rows, long columns, long first, long end, float *to) {
  long c = first;
  for (; c + WIDTH <= end; c += WIDTH) {
    lanes best, next;
    LOAD(best, x + c);
    for (long row = 1; row < rows; ++row) {
      LOAD(next, x + row * columns + c);
      best = LARGER_LANES(next, best);
    }
    STORE(best, to + c);
  }
  for (; c < end; ++c) {
    float best = x[c];
    for (long row = 1; row < rows; ++row) best = LARGER(x[row * columns + c], best);
    to[c] = best;
  }
}

void kt_combine_sums(const float *partial, long blocks, long columns, float divisor, float *to) {
  for (long c = 0; c < columns; ++c) {
    double total = 0;
    for (long block = 0; block < blocks; ++block) total += (double)partial[block * columns + c];
    to[c] = (float)(total / (double)divisor);
  }
}

KT_CLONES
void kt_max_gradient(const float *x, const float *gradient, long rows, long columns, long first,
                     long end, float *to) {
  for (long c = first; c < end; c += WIDTH) {
    long count = end - c < WIDTH ? end - c : WIDTH;
    float best[WIDTH], ties[WIDTH];
    for (long k = 0; k < count; ++k) {
      best[k] = x[c + k];
      ties[k] = 1;
    }
    for (long row = 1; row < rows; ++row)
      for (long k = 0; k < count; ++k) {
        float next = x[row * columns + c + k];
        int better = next > best[k] || (next != next && best[k] == best[k]);
        ties[k] = better ? 1 : ties[k] + (next == best[k]);
        best[k] = better ? next : best[k];
      }
    float share[WIDTH];
    for (long k = 0; k < count; ++k) share[k] = gradient[c + k] / ties[k];
    for (long row = 0; row < rows; ++row)
      for (long k = 0; k < count; ++k) {
        // Where the largest is NaN nothing equals it, and all elements get NaN.
        float rest = best[k] == best[k] ? 0.0f : best[k];
        to[row * columns + c + k] = x[row * columns + c + k] == best[k] ? share[k] : rest;
      }
  }
}

KT_CLONES
void kt_softmax_rows(const float *x, long rows, long columns, int32_t logarithm, float *to) {
  for (long row = 0; row < rows; ++row, x += columns, to += columns) {
    float top = largest(x, columns);
    if (logarithm) {
      float total = 0;
      // The exponentials pass through the output, which may be the input: keep differences there.
      KT_INDEPENDENT
      for (long i = 0; i < columns; ++i) to[i] = x[i] - top;
      for (long start = 0; start < columns; start += 256) {
        long count = columns - start < 256 ? columns - start : 256;
        float part[256];
        KT_INDEPENDENT
        for (long i = 0; i < count; ++i) part[i] = kt_exp(to[start + i]);
        total += sum(part, count);
      }
      float shift = kt_log(total);
      KT_INDEPENDENT
      for (long i = 0; i < columns; ++i) to[i] -= shift;
    } else {
      KT_INDEPENDENT
      for (long i = 0; i < columns; ++i) to[i] = kt_exp(x[i] - top);
      float scale = 1.0f / sum(to, columns);
      KT_INDEPENDENT
      for (long i = 0; i < columns; ++i) to[i] *= scale;
    }
  }
}

// The threshold τ with Σ max(x - τ, 0) = 1: begin with the mean of all less 1 / n, drop what is not
// above it, and repeat on the rest. τ only grows, so this ends after at most n rounds, mostly few.
KT_CLONES
void kt_sparsemax_rows(const float *x, long rows, long columns, float *to) {
  for (long row = 0; row < rows; ++row, x += columns, to += columns) {
    float top = largest(x, columns);
    KT_INDEPENDENT
    for (long i = 0; i < columns; ++i) to[i] = x[i] - top;
    double threshold = -INFINITY;
    for (long kept = columns + 1;;) {
      double total = 0;
      long count = 0;
      for (long i = 0; i < columns; ++i)
        if ((double)to[i] > threshold) {
          total += (double)to[i];
          ++count;
        }
      // The largest always stays, unless a NaN or an infinity made all differences NaN.
      if (count == kept || count == 0) break;
      kept = count;
      threshold = (total - 1.0) / (double)count;
    }
    float shift = (float)threshold;
    KT_INDEPENDENT
    for (long i = 0; i < columns; ++i) {
      float difference = to[i] - shift;
      to[i] = difference <= 0.0f ? 0.0f : difference;
    }
  }
}
