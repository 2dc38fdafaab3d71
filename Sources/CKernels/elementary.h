// Elementary functions that a vectorising compiler can inline into loops: no branch, no call, no
// table. Relative errors are within about 2e-7 of the exact value; infinities, NaN, overflow and
// gradual underflow come out as in the C library. The polynomials are minimax fits by relative
// error of the whole function (Chebyshev nodes, iteratively reweighted).
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

#define KT_INLINE static inline __attribute__((always_inline))

KT_INLINE uint32_t kt_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

KT_INLINE float kt_from_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

KT_INLINE float kt_sqrt(float x) { return __builtin_elementwise_sqrt(x); }
KT_INLINE float kt_abs(float x) { return kt_from_bits(kt_bits(x) & 0x7fffffffu); }
KT_INLINE float kt_with_sign(float magnitude, float sign) {
  return kt_from_bits(kt_bits(magnitude) | (kt_bits(sign) & 0x80000000u));
}

// eˣ = 2ⁿ (1 + p): gives p, and 2ⁿ as two factors, since n goes beyond a float's exponents where
// the result overflows or is subnormal. A NaN passes through p.
KT_INLINE float kt_exp_parts(float x, float *first, float *second) {
  // Beyond these the result is infinity or zero anyway. NaN compares false and stays.
  x = x < -104.0f ? -104.0f : x;
  x = x > 89.0f ? 89.0f : x;
  // Adding 1.5 · 2²³ rounds to the nearest whole number, which is then in the low bits.
  const float rounder = 12582912.0f;
  float rounded = x * 1.44269504f + rounder;
  uint32_t n = kt_bits(rounded) - kt_bits(rounder);
  float whole = rounded - rounder;
  float r = (x - whole * 0.693145752f) - whole * 1.42860677e-6f;  // ln 2 in two parts
  uint32_t half = (uint32_t)((int32_t)n >> 1);
  *first = kt_from_bits((half + 127u) << 23);
  *second = kt_from_bits((n - half + 127u) << 23);
  float q = 0.00138145988f;
  q = q * r + 0.00836871658f;
  q = q * r + 0.041668389f;
  q = q * r + 0.166665211f;
  q = q * r + 0.49999994f;
  return r * r * q + r;
}

KT_INLINE float kt_exp(float x) {
  float first, second;
  float p = kt_exp_parts(x, &first, &second);
  return (first + first * p) * second;
}

// eˣ - 1 for x ≤ 0, without cancellation.
KT_INLINE float kt_expm1_nonpositive(float x) {
  float first, second;
  float p = kt_exp_parts(x, &first, &second);
  float scale = first * second;
  return scale * p + (scale - 1.0f);
}

KT_INLINE float kt_log(float x) {
  int subnormal = x < 1.17549435e-38f;
  float scaled = subnormal ? x * 8388608.0f : x;
  // The mantissa in √½ … √2, so that the polynomial is centred and exact at 1.
  uint32_t shifted = kt_bits(scaled) - 0x3f3504f3u;
  int32_t exponent = ((int32_t)shifted >> 23) - (subnormal ? 23 : 0);
  float f = kt_from_bits((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
  float e = (float)exponent;
  float g = 0.0674772859f;
  g = g * f - 0.116775155f;
  g = g * f + 0.118886977f;
  g = g * f - 0.124053404f;
  g = g * f + 0.142194524f;
  g = g * f - 0.166680053f;
  g = g * f + 0.200021237f;
  g = g * f - 0.250000089f;
  g = g * f + 0.333333135f;
  float square = f * f;
  float tail = square * f * g + e * 1.42860677e-6f - 0.5f * square;
  float result = (tail + f) + e * 0.693145752f;
  result = x > 0.0f ? result : (x == 0.0f ? -INFINITY : NAN);
  return x < INFINITY ? result : x;
}

// ln(1 + u) for u in 0 … 1. What 1 + u rounds off is put back by the factor.
KT_INLINE float kt_log1p(float u) {
  float w = 1.0f + u;
  float d = w - 1.0f;
  return d == 0.0f ? u : kt_log(w) * (u / d);
}

// The part of tanh x / x - 1 that is polynomial in z = x², for |x| < 0.625.
KT_INLINE float kt_tanh_series(float z) {
  float q = -0.00566078862f;
  q = q * z + 0.0206020065f;
  q = q * z - 0.0537292287f;
  q = q * z + 0.133313283f;
  q = q * z - 0.333332777f;
  return q * z;
}

KT_INLINE float kt_tanh(float x) {
  float magnitude = kt_abs(x);
  float small = x + x * kt_tanh_series(x * x);
  float large = 1.0f - 2.0f / (kt_exp(2.0f * magnitude) + 1.0f);
  return magnitude < 0.625f ? small : kt_with_sign(large, x);
}

KT_INLINE float kt_sigmoid(float x) {
  float e = kt_exp(-kt_abs(x));
  return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}

// ln(1 + eˣ)
KT_INLINE float kt_softplus(float x) {
  return (x < 0.0f ? 0.0f : x) + kt_log1p(kt_exp(-kt_abs(x)));
}

// The normal distribution's density and cumulative distribution. In the far tail, below -5, the
// rounding of x² makes the relative error grow, to 4e-6 at -12.
KT_INLINE float kt_normal_density(float x) { return 0.398942280f * kt_exp(-0.5f * x * x); }

KT_INLINE float kt_normal_cdf(float x) {
  // erfc(z) e^{z²} is a polynomial in 1 / (1 + 0.4 z), z = |x| / √2.
  float t = 1.0f / (1.0f + 0.282842712f * kt_abs(x));
  float q = -0.0183790457f;
  q = q * t + 0.0774663165f;
  q = q * t - 0.0753551871f;
  q = q * t - 0.0966322646f;
  q = q * t + 0.170607671f;
  q = q * t - 0.0498401523f;
  q = q * t + 0.174047157f;
  q = q * t + 0.15680325f;
  q = q * t + 0.210168824f;
  q = q * t + 0.225427136f;
  q = q * t + 0.225686312f;
  float tail = 0.5f * t * q * kt_exp(-0.5f * x * x);
  return x < 0.0f ? tail : 1.0f - tail;
}
