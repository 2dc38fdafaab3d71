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

// `squares` takes the place of the gradient's squares, and is null where they are meant; the test is
// the same for the whole loop, so the compiler takes it out of it.
KT_CLONES
void kt_adam(
    const float *p, const float *g, const float *squares, const float *m, const float *v,
    float *p_out, float *m_out, float *v_out, int64_t count, float alpha, float one_minus_beta1,
    float one_minus_beta2, float epsilon) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    float gradient = g[i];
    float mean = m[i] + (gradient - m[i]) * one_minus_beta1;
    float power = squares ? squares[i] : gradient * gradient;
    float square = v[i] + (power - v[i]) * one_minus_beta2;
    p_out[i] = p[i] - mean * alpha / (__builtin_elementwise_sqrt(square) + epsilon);
    m_out[i] = mean;
    v_out[i] = square;
  }
}

KT_CLONES
void kt_adam_amsgrad(
    const float *p, const float *g, const float *squares, const float *m, const float *v,
    const float *vmax, float *p_out, float *m_out, float *v_out, float *vmax_out, int64_t count,
    float alpha, float one_minus_beta1, float one_minus_beta2, float epsilon) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    float gradient = g[i];
    float mean = m[i] + (gradient - m[i]) * one_minus_beta1;
    float power = squares ? squares[i] : gradient * gradient;
    float square = v[i] + (power - v[i]) * one_minus_beta2;
    float largest = vmax[i] > square ? vmax[i] : square;
    p_out[i] = p[i] - mean * alpha / (__builtin_elementwise_sqrt(largest) + epsilon);
    m_out[i] = mean;
    v_out[i] = square;
    vmax_out[i] = largest;
  }
}

// `squares`, `m` and `a` are null where the update has none; the tests are the same for the
// whole loop, so the compiler takes them out of it.
KT_CLONES
void kt_rmsprop(
    const float *p, const float *g, const float *squares, const float *v, const float *m,
    const float *a, float *p_out, float *v_out, float *m_out, float *a_out, int64_t count,
    float rate, float rho, float one_minus_rho, float momentum, float epsilon) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) {
    float gradient = g[i];
    float power = squares ? squares[i] : gradient * gradient;
    float square = rho * v[i] + one_minus_rho * power;
    float denominator;
    if (a) {
      float average = rho * a[i] + one_minus_rho * gradient;
      a_out[i] = average;
      denominator = square - average * average + epsilon;
    } else {
      denominator = square + epsilon;
    }
    float increment = rate * gradient / __builtin_elementwise_sqrt(denominator);
    if (m) {
      increment = momentum * m[i] + increment;
      m_out[i] = increment;
    }
    v_out[i] = square;
    p_out[i] = p[i] - increment;
  }
}
