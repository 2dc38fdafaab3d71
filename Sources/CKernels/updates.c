#include "ckernels.h"

// Optimizer updates round after every operation, as Keras's separate ops do: no fused multiply-add.
#pragma STDC FP_CONTRACT OFF

KT_CLONES
void kt_sgd(const float *p, const float *g, float *p_out, int64_t count, float rate) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) p_out[i] = p[i] - g[i] * rate;
}

KT_CLONES
void kt_sgd_momentum(
    const float *p, const float *g, const float *m, float *p_out, float *m_out, int64_t count,
    float rate, float momentum) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    float velocity = m[i] * momentum - g[i] * rate;
    p_out[i] = p[i] + velocity;
    m_out[i] = velocity;
  }
}

KT_CLONES
void kt_sgd_nesterov(
    const float *p, const float *g, const float *m, float *p_out, float *m_out, int64_t count,
    float rate, float momentum) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    float step = g[i] * rate;
    float velocity = m[i] * momentum - step;
    p_out[i] = p[i] + (velocity * momentum - step);
    m_out[i] = velocity;
  }
}

// `squares`, `vmax`, `m` and `a` are null where the update has none. Each case has a loop of its own,
// into which the constants of the call are folded: with the tests inside no loop is vectorised.
#define KT_CASE static inline __attribute__((always_inline)) void

KT_CASE adam(
    const float *p, const float *g, const float *squares, const float *m, const float *v,
    const float *vmax, float *p_out, float *m_out, float *v_out, float *vmax_out, int64_t count,
    float alpha, float one_minus_beta1, float one_minus_beta2, float epsilon, const int has_squares,
    const int has_largest) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    float gradient = g[i];
    float mean = m[i] + (gradient - m[i]) * one_minus_beta1;
    float power = has_squares ? squares[i] : gradient * gradient;
    float square = v[i] + (power - v[i]) * one_minus_beta2;
    float largest = square;
    if (has_largest) {
      largest = vmax[i] > square ? vmax[i] : square;
      vmax_out[i] = largest;
    }
    p_out[i] = p[i] - mean * alpha / (__builtin_elementwise_sqrt(largest) + epsilon);
    m_out[i] = mean;
    v_out[i] = square;
  }
}

KT_CLONES
void kt_adam(
    const float *p, const float *g, const float *squares, const float *m, const float *v,
    const float *vmax, float *p_out, float *m_out, float *v_out, float *vmax_out, int64_t count,
    float alpha, float one_minus_beta1, float one_minus_beta2, float epsilon) {
#define KT_ADAM(has_squares, has_largest)                                                     \
  adam(p, g, squares, m, v, vmax, p_out, m_out, v_out, vmax_out, count, alpha, one_minus_beta1, \
       one_minus_beta2, epsilon, has_squares, has_largest)
  if (squares && vmax) KT_ADAM(1, 1);
  else if (squares) KT_ADAM(1, 0);
  else if (vmax) KT_ADAM(0, 1);
  else KT_ADAM(0, 0);
#undef KT_ADAM
}

KT_CASE rmsprop(
    const float *p, const float *g, const float *squares, const float *v, const float *m,
    const float *a, float *p_out, float *v_out, float *m_out, float *a_out, int64_t count,
    float rate, float rho, float one_minus_rho, float momentum, float epsilon,
    const int has_squares, const int has_momentum, const int has_average) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    float gradient = g[i];
    float power = has_squares ? squares[i] : gradient * gradient;
    float square = rho * v[i] + one_minus_rho * power;
    float denominator = square + epsilon;
    if (has_average) {
      float average = rho * a[i] + one_minus_rho * gradient;
      a_out[i] = average;
      denominator = square - average * average + epsilon;
    }
    float increment = rate * gradient / __builtin_elementwise_sqrt(denominator);
    if (has_momentum) {
      increment = momentum * m[i] + increment;
      m_out[i] = increment;
    }
    v_out[i] = square;
    p_out[i] = p[i] - increment;
  }
}

KT_CLONES
void kt_rmsprop(
    const float *p, const float *g, const float *squares, const float *v, const float *m,
    const float *a, float *p_out, float *v_out, float *m_out, float *a_out, int64_t count,
    float rate, float rho, float one_minus_rho, float momentum, float epsilon) {
#define KT_RMSPROP(has_squares, has_momentum, has_average)                                   \
  rmsprop(p, g, squares, v, m, a, p_out, v_out, m_out, a_out, count, rate, rho, one_minus_rho, \
          momentum, epsilon, has_squares, has_momentum, has_average)
  if (squares) {
    if (m && a) KT_RMSPROP(1, 1, 1);
    else if (m) KT_RMSPROP(1, 1, 0);
    else if (a) KT_RMSPROP(1, 0, 1);
    else KT_RMSPROP(1, 0, 0);
  } else {
    if (m && a) KT_RMSPROP(0, 1, 1);
    else if (m) KT_RMSPROP(0, 1, 0);
    else if (a) KT_RMSPROP(0, 0, 1);
    else KT_RMSPROP(0, 0, 0);
  }
#undef KT_RMSPROP
}
