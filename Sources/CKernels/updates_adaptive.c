#include "ckernels.h"
#include <math.h>

// Updates that divide by what gradients were so far. As in updates.c every operation rounds, as
// Keras's separate ops do: no fused multiply-add.
#pragma STDC FP_CONTRACT OFF

// Each case of an update has a loop of its own, into which the constants of the call are folded.
#define KT_CASE static inline __attribute__((always_inline)) void

KT_CASE adagrad(
    const float *p, const float *g, const float *squares, const float *a, float *p_out,
    float *a_out, int64_t count, float rate, float epsilon, const int has_squares) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    float sum = a[i] + (has_squares ? squares[i] : g[i] * g[i]);
    p_out[i] = p[i] - rate * g[i] / __builtin_elementwise_sqrt(sum + epsilon);
    a_out[i] = sum;
  }
}

KT_CLONES
void kt_adagrad(
    const float *p, const float *g, const float *squares, const float *a, float *p_out,
    float *a_out, int64_t count, float rate, float epsilon) {
  if (squares) adagrad(p, g, squares, a, p_out, a_out, count, rate, epsilon, 1);
  else adagrad(p, g, squares, a, p_out, a_out, count, rate, epsilon, 0);
}

KT_CASE adadelta(
    const float *p, const float *g, const float *squares, const float *a, const float *d,
    float *p_out, float *a_out, float *d_out, int64_t count, float rate, float rho,
    float one_minus_rho, float epsilon, const int has_squares) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    float power = has_squares ? squares[i] : g[i] * g[i];
    float mean = rho * a[i] + one_minus_rho * power;
    float above = __builtin_elementwise_sqrt(d[i] + epsilon);
    float below = __builtin_elementwise_sqrt(mean + epsilon);
    float change = above * g[i] / below;
    float factor = above / below;
    float change_squared = has_squares ? factor * factor * power : change * change;
    p_out[i] = p[i] - rate * change;
    a_out[i] = mean;
    d_out[i] = rho * d[i] + one_minus_rho * change_squared;
  }
}

KT_CLONES
void kt_adadelta(
    const float *p, const float *g, const float *squares, const float *a, const float *d,
    float *p_out, float *a_out, float *d_out, int64_t count, float rate, float rho,
    float one_minus_rho, float epsilon) {
#define KT_ADADELTA(has_squares)                                                              \
  adadelta(p, g, squares, a, d, p_out, a_out, d_out, count, rate, rho, one_minus_rho, epsilon, \
           has_squares)
  if (squares) KT_ADADELTA(1);
  else KT_ADADELTA(0);
#undef KT_ADADELTA
}

KT_CASE adamax(
    const float *p, const float *g, const float *sizes, const float *m, const float *u,
    float *p_out, float *m_out, float *u_out, int64_t count, float rate, float one_minus_beta1,
    float beta2, float correction, float epsilon, const int has_sizes) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    float mean = m[i] + (g[i] - m[i]) * one_minus_beta1;
    float faded = beta2 * u[i], size = has_sizes ? sizes[i] : __builtin_fabsf(g[i]);
    float largest = faded > size ? faded : size;
    p_out[i] = p[i] - rate * mean / (correction * (largest + epsilon));
    m_out[i] = mean;
    u_out[i] = largest;
  }
}

KT_CLONES
void kt_adamax(
    const float *p, const float *g, const float *sizes, const float *m, const float *u,
    float *p_out, float *m_out, float *u_out, int64_t count, float rate, float one_minus_beta1,
    float beta2, float correction, float epsilon) {
#define KT_ADAMAX(has_sizes)                                                                \
  adamax(p, g, sizes, m, u, p_out, m_out, u_out, count, rate, one_minus_beta1, beta2, correction, \
         epsilon, has_sizes)
  if (sizes) KT_ADAMAX(1);
  else KT_ADAMAX(0);
#undef KT_ADAMAX
}

KT_CASE nadam(
    const float *p, const float *g, const float *squares, const float *m, const float *v,
    float *p_out, float *m_out, float *v_out, int64_t count, const kt_nadam_constants *k,
    const int has_squares) {
  float rate = k->rate, one_minus_beta1 = k->one_minus_beta1, epsilon = k->epsilon;
  float one_minus_beta2 = k->one_minus_beta2, next = k->next, below_next = k->below_next;
  float now = k->now, below_now = k->below_now, correction = k->correction;
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    float mean = m[i] + (g[i] - m[i]) * one_minus_beta1;
    float power = has_squares ? squares[i] : g[i] * g[i];
    float square = v[i] + (power - v[i]) * one_minus_beta2;
    float ahead = next * mean / below_next + now * g[i] / below_now;
    float root = __builtin_elementwise_sqrt(square / correction);
    p_out[i] = p[i] - ahead * rate / (root + epsilon);
    m_out[i] = mean;
    v_out[i] = square;
  }
}

KT_CLONES
void kt_nadam(
    const float *p, const float *g, const float *squares, const float *m, const float *v,
    float *p_out, float *m_out, float *v_out, int64_t count, const kt_nadam_constants *k) {
  if (squares) nadam(p, g, squares, m, v, p_out, m_out, v_out, count, k, 1);
  else nadam(p, g, squares, m, v, p_out, m_out, v_out, count, k, 0);
}

KT_CLONES
void kt_lion(
    const float *p, const float *g, const float *m, float *p_out, float *m_out, int64_t count,
    float rate, float beta1, float one_minus_beta1, float beta2, float one_minus_beta2) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    float mixed = m[i] * beta1 + g[i] * one_minus_beta1;
    float sign = mixed > 0 ? 1.0f : mixed < 0 ? -1.0f : mixed;
    m_out[i] = m[i] * beta2 + g[i] * one_minus_beta2;
    p_out[i] = p[i] - rate * sign;
  }
}

// A power other than the root is a call for each element, in a loop that stays as it is.
KT_CASE ftrl(
    const float *p, const float *g, const float *squares, const float *a, const float *l,
    float *p_out, float *a_out, float *l_out, int64_t count, const kt_ftrl_constants *k,
    const int is_root, const int has_squares) {
  float rate = k->rate, power = k->power, l1 = k->l1, twice_l2 = k->twice_l2;
  float twice_shrinkage = k->twice_shrinkage;
  for (int64_t i = 0; i < count; i++) {
    float sum = a[i] + (has_squares ? squares[i] : g[i] * g[i]);
    float before = is_root ? __builtin_elementwise_sqrt(a[i]) : powf(a[i], power);
    float after = is_root ? __builtin_elementwise_sqrt(sum) : powf(sum, power);
    float linear = l[i] + (g[i] + twice_shrinkage * p[i] - (after - before) / rate * p[i]);
    float clipped = linear > l1 ? l1 : linear < -l1 ? -l1 : linear;
    p_out[i] = (clipped - linear) / (after / rate + twice_l2);
    a_out[i] = sum;
    l_out[i] = linear;
  }
}

KT_CLONES
void kt_ftrl(
    const float *p, const float *g, const float *squares, const float *a, const float *l,
    float *p_out, float *a_out, float *l_out, int64_t count, const kt_ftrl_constants *k) {
#define KT_FTRL(is_root, has_squares) \
  ftrl(p, g, squares, a, l, p_out, a_out, l_out, count, k, is_root, has_squares)
  if (k->power == 0.5f) {
    if (squares) KT_FTRL(1, 1);
    else KT_FTRL(1, 0);
  } else {
    if (squares) KT_FTRL(0, 1);
    else KT_FTRL(0, 0);
  }
#undef KT_FTRL
}
