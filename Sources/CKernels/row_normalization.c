#include "ckernels.h"
#include "elementary.h"
#include "lanes.h"

// Rows that are normalised each for itself: a row stays in the nearest cache over its passes.

enum { SUMS = 4 };

KT_INLINE float whole(const lanes *parts, float rest) {
  lanes all = (parts[0] + parts[1]) + (parts[2] + parts[3]);
  float part[WIDTH];
  STORE(all, part);
  for (int half = WIDTH / 2; half; half /= 2)
    for (int k = 0; k < half; ++k) part[k] += part[k + half];
  return part[0] + rest;
}

KT_INLINE float row_sum(const float *x, long count) {
  lanes parts[SUMS] = {{0}}, next;
  float rest = 0;
  long i = 0;
  for (; i + SUMS * WIDTH <= count; i += SUMS * WIDTH)
    for (int k = 0; k < SUMS; ++k) {
      LOAD(next, x + i + k * WIDTH);
      parts[k] += next;
    }
  for (; i + WIDTH <= count; i += WIDTH) {
    LOAD(next, x + i);
    parts[0] += next;
  }
  for (; i < count; ++i) rest += x[i];
  return whole(parts, rest);
}

KT_INLINE float row_squares(const float *x, float mean, long count) {
  lanes parts[SUMS] = {{0}}, next;
  float rest = 0;
  long i = 0;
  for (; i + SUMS * WIDTH <= count; i += SUMS * WIDTH)
    for (int k = 0; k < SUMS; ++k) {
      LOAD(next, x + i + k * WIDTH);
      next -= mean;
      parts[k] += next * next;
    }
  for (; i + WIDTH <= count; i += WIDTH) {
    LOAD(next, x + i);
    next -= mean;
    parts[0] += next * next;
  }
  for (; i < count; ++i) rest += (x[i] - mean) * (x[i] - mean);
  return whole(parts, rest);
}

KT_CLONES
void kt_normalize_rows(const float *x, const float *gamma, const float *beta, float epsilon,
                       int32_t centers, long rows, long columns, float *y, float *means,
                       float *factors) {
  for (long row = 0; row < rows; ++row, x += columns, y += columns) {
    float mean = centers ? row_sum(x, columns) / (float)columns : 0;
    float r = 1 / sqrtf(row_squares(x, mean, columns) / (float)columns + epsilon);
    means[row] = mean;
    factors[row] = r;
    lanes next, scale, shift;
    long i = 0;
    for (; i + WIDTH <= columns; i += WIDTH) {
      LOAD(next, x + i);
      LOAD(scale, gamma + i);
      LOAD(shift, beta + i);
      next = (next - mean) * r * scale + shift;
      STORE(next, y + i);
    }
    for (; i < columns; ++i) y[i] = (x[i] - mean) * r * gamma[i] + beta[i];
  }
}

KT_CLONES
void kt_normalized_rows_gradient(const float *x, const float *gamma, const float *means,
                                 const float *factors, const float *gradient, int32_t centers,
                                 long rows, long columns, float *to, float *dgamma, float *dbeta) {
  for (long i = 0; i < columns; ++i) dgamma[i] = dbeta[i] = 0;
  for (long row = 0; row < rows; ++row, x += columns, gradient += columns, to += columns) {
    float mean = means[row], r = factors[row];
    // ĝ = g γ, x̂ = (x - mean) r: Σ ĝ and Σ ĝ x̂, and this row's share of the gradients of γ and β.
    lanes sums = {0}, products = {0}, next, g, scale, a, b;
    float sum = 0, product = 0;
    long i = 0;
    for (; i + WIDTH <= columns; i += WIDTH) {
      LOAD(next, x + i);
      LOAD(g, gradient + i);
      LOAD(scale, gamma + i);
      LOAD(a, dgamma + i);
      LOAD(b, dbeta + i);
      next = (next - mean) * r;
      a += g * next;
      b += g;
      STORE(a, dgamma + i);
      STORE(b, dbeta + i);
      sums += g * scale;
      products += g * scale * next;
    }
    for (; i < columns; ++i) {
      float normal = (x[i] - mean) * r;
      dgamma[i] += gradient[i] * normal;
      dbeta[i] += gradient[i];
      sum += gradient[i] * gamma[i];
      product += gradient[i] * gamma[i] * normal;
    }
    lanes one[SUMS] = {sums}, other[SUMS] = {products};
    float s1 = centers ? whole(one, sum) / (float)columns : 0;
    float s2 = whole(other, product) / (float)columns;
    // dx = r (ĝ - mean of ĝ - x̂ · mean of ĝ x̂)
    for (i = 0; i + WIDTH <= columns; i += WIDTH) {
      LOAD(next, x + i);
      LOAD(g, gradient + i);
      LOAD(scale, gamma + i);
      next = r * (g * scale - s1 - (next - mean) * r * s2);
      STORE(next, to + i);
    }
    for (; i < columns; ++i)
      to[i] = r * (gradient[i] * gamma[i] - s1 - (x[i] - mean) * r * s2);
  }
}
