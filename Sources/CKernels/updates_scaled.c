#include "ckernels.h"

// Updates whose step depends on the size of the whole parameter, in passes over parts of it, and
// weight decay. As in updates.c every operation rounds: no fused multiply-add.
#pragma STDC FP_CONTRACT OFF

KT_CLONES
void kt_decay(const float *p, float *p_out, int64_t count, float decay, float rate) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) p_out[i] = p[i] - p[i] * decay * rate;
}

KT_CLONES
double kt_sum_of_squares(const float *x, int64_t count) {
  // Sixteen sums side by side, whatever the machine's vectors are: the same bits everywhere.
  double sums[16] = {0};
  int64_t whole = count / 16 * 16;
  for (int64_t i = 0; i < whole; i += 16)
    for (int lane = 0; lane < 16; lane++) sums[lane] += (double)x[i + lane] * x[i + lane];
  for (int64_t i = whole; i < count; i++) sums[i - whole] += (double)x[i] * x[i];
  double sum = 0;
  for (int lane = 0; lane < 16; lane++) sum += sums[lane];
  return sum;
}

KT_CLONES
double kt_sum_of_quotients(const float *x, const float *y, int64_t count) {
  double sums[16] = {0};
  int64_t whole = count / 16 * 16;
  for (int64_t i = 0; i < whole; i += 16)
    for (int lane = 0; lane < 16; lane++) sums[lane] += x[i + lane] / y[i + lane];
  for (int64_t i = whole; i < count; i++) sums[i - whole] += x[i] / y[i];
  double sum = 0;
  for (int lane = 0; lane < 16; lane++) sum += sums[lane];
  return sum;
}

KT_CLONES
void kt_lamb(
    const float *g, const float *squares, const float *m, const float *v, float *m_out,
    float *v_out, float *step, int64_t count, const kt_lamb_constants *k) {
  float one_minus_beta1 = k->one_minus_beta1, one_minus_beta2 = k->one_minus_beta2;
  float correction1 = k->correction1, correction2 = k->correction2, epsilon = k->epsilon;
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    float mean = m[i] + (g[i] - m[i]) * one_minus_beta1;
    float square = v[i] + ((squares ? squares[i] : g[i] * g[i]) - v[i]) * one_minus_beta2;
    float root = __builtin_elementwise_sqrt(square / correction2) + epsilon;
    step[i] = mean / correction1 / root;
    m_out[i] = mean;
    v_out[i] = square;
  }
}

KT_CLONES
void kt_adafactor_vector(
    const float *g, const float *squares, const float *v, float *v_out, float *step, int64_t count,
    float beta, float one_minus_beta, float epsilon) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    float square = (squares ? squares[i] : g[i] * g[i]) + epsilon;
    float mean = beta * v[i] + one_minus_beta * square;
    v_out[i] = mean;
    step[i] = g[i] / __builtin_elementwise_sqrt(mean);
  }
}

KT_CLONES
void kt_adafactor_means(
    const float *g, const float *squares, const float *r, const float *c, float *r_out,
    float *c_out, double *sums, int64_t rows, int64_t columns, float beta, float one_minus_beta,
    float epsilon) {
  for (int64_t j = 0; j < columns; j++) sums[j] = 0;
  for (int64_t i = 0; i < rows; i++) {
    const float *row = g + i * columns, *given = squares ? squares + i * columns : 0;
    double total = 0;
    for (int64_t j = 0; j < columns; j++) {
      float square = (given ? given[j] : row[j] * row[j]) + epsilon;
      total += square;
      sums[j] += square;
    }
    r_out[i] = beta * r[i] + one_minus_beta * (float)(total / columns);
  }
  for (int64_t j = 0; j < columns; j++)
    c_out[j] = beta * c[j] + one_minus_beta * (float)(sums[j] / rows);
}

KT_CLONES
void kt_adafactor_matrix(
    const float *g, const float *r, const float *c, float *v_out, float *step, int64_t rows,
    int64_t columns) {
  double total = 0;
  for (int64_t i = 0; i < rows; i++) total += r[i];
  float mean = (float)(total / rows);
  for (int64_t i = 0; i < rows; i++) {
    float share = r[i] / mean;
    int64_t start = i * columns;
    KT_INDEPENDENT
    for (int64_t j = 0; j < columns; j++) {
      float square = share * c[j];
      v_out[start + j] = square;
      step[start + j] = g[start + j] / __builtin_elementwise_sqrt(square);
    }
  }
}

KT_CLONES
void kt_step_down(
    const float *p, const float *step, float *p_out, int64_t count, float divisor, float rate) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) p_out[i] = p[i] - step[i] / divisor * rate;
}
