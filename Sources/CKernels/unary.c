#include "ckernels.h"
#include "elementary.h"

// Powers call the C library and stay scalar; all other loops are vectorised.
#pragma clang diagnostic ignored "-Wpass-failed"

// Every function of one number: its name, its value at x, and its derivative in terms of the input x
// or of the output y, as the definition in Swift says. p.a, p.b, p.c are its parameters.
#define FUNCTIONS(F)                                                                            \
  F(affine, x * p.a + p.b, p.a)                                                                 \
  F(abs, kt_abs(x), sign(x))                                                                    \
  F(sign, sign(x), 0.0f)                                                                        \
  F(square, x * x, 2.0f * x)                                                                    \
  F(sqrt, kt_sqrt(x), 0.5f / y)                                                                 \
  F(rsqrt, 1.0f / kt_sqrt(x), -0.5f * y * y * y)                                                \
  F(reciprocal, 1.0f / x, -y * y)                                                               \
  F(power, powf(x, p.a), p.a * powf(x, p.a - 1.0f))                                             \
  F(exp, kt_exp(x), y)                                                                          \
  F(log, kt_log(x), 1.0f / x)                                                                   \
  F(clip, x < p.a ? p.a : (x > p.b ? p.b : x), x >= p.a && x <= p.b ? 1.0f : 0.0f)               \
  F(relu, x <= 0.0f ? 0.0f : x, y > 0.0f ? 1.0f : 0.0f)                                         \
  F(relu6, x <= 0.0f ? 0.0f : (x > 6.0f ? 6.0f : x), y > 0.0f && y < 6.0f ? 1.0f : 0.0f)         \
  F(leakyRelu, x > 0.0f ? x : p.a * x, x > 0.0f ? 1.0f : p.a)                                   \
  F(generalRelu, general_relu(x, p), general_relu_slope(x, p))                                  \
  F(elu, x > 0.0f ? x : p.a * kt_expm1_nonpositive(x), x > 0.0f ? 1.0f : p.a * kt_exp(x))        \
  F(selu, SELU_SCALE * (x > 0.0f ? x : SELU_ALPHA * kt_expm1_nonpositive(x)),                   \
    y < 0.0f ? y + SELU_SCALE * SELU_ALPHA : SELU_SCALE)                                        \
  F(celu, x > 0.0f ? x : p.a * kt_expm1_nonpositive(x / p.a), x > 0.0f ? 1.0f : kt_exp(x / p.a)) \
  F(sigmoid, kt_sigmoid(x), y * (1.0f - y))                                                     \
  F(tanh, kt_tanh(x), 1.0f - y * y)                                                             \
  F(softplus, kt_softplus(x), kt_sigmoid(x))                                                    \
  F(logSigmoid, -kt_softplus(-x), kt_sigmoid(-x))                                               \
  F(softsign, x / (1.0f + kt_abs(x)), 1.0f / square(1.0f + kt_abs(x)))                          \
  F(silu, x * kt_sigmoid(x), silu_slope(x))                                                     \
  F(mish, x * kt_tanh(kt_softplus(x)), mish_slope(x))                                           \
  F(gelu, x * kt_normal_cdf(x), kt_normal_cdf(x) + x * kt_normal_density(x))                    \
  F(geluTanh, x * kt_sigmoid(2.0f * gelu_argument(x)), gelu_tanh_slope(x))                      \
  F(hardSigmoid, kt_clip(x + 3.0f, 0.0f, 6.0f) * (1.0f / 6.0f),                                 \
    x > -3.0f && x < 3.0f ? 1.0f / 6.0f : 0.0f)                                                 \
  F(hardSigmoidKeras2, kt_clip(0.2f * x + 0.5f, 0.0f, 1.0f),                                    \
    x >= -2.5f && x <= 2.5f ? 0.2f : 0.0f)                                                      \
  F(hardSilu, x * (kt_clip(x + 3.0f, 0.0f, 6.0f) * (1.0f / 6.0f)),                              \
    x <= -3.0f ? 0.0f : (x >= 3.0f ? 1.0f : x * (1.0f / 3.0f) + 0.5f))                          \
  F(hardShrink, x > p.a || x < -p.a ? x : 0.0f, x > p.a || x < -p.a ? 1.0f : 0.0f)               \
  F(softShrink, x > p.a ? x - p.a : (x < -p.a ? x + p.a : 0.0f),                                \
    x > p.a || x < -p.a ? 1.0f : 0.0f)                                                          \
  F(tanhShrink, tanh_shrink(x), square(kt_tanh(x)))                                             \
  F(threshold, x > p.a ? x : p.b, x > p.a ? 1.0f : 0.0f)                                        \
  F(squareplus, squareplus(x, p.a), 0.5f + 0.5f * x / kt_sqrt(x * x + p.a))                     \
  F(sparsePlus, x <= -1.0f ? 0.0f : (x < 1.0f ? 0.25f * square(x + 1.0f) : x),                  \
    x <= -1.0f ? 0.0f : (x < 1.0f ? 0.5f * (x + 1.0f) : 1.0f))                                  \
  F(sparseSigmoid, x <= -1.0f ? 0.0f : (x >= 1.0f ? 1.0f : 0.5f * (x + 1.0f)),                  \
    x > -1.0f && x < 1.0f ? 0.5f : 0.0f)

#define SELU_SCALE 1.05070098f
#define SELU_ALPHA 1.67326324f

KT_INLINE float square(float x) { return x * x; }
// Gives ±0 and NaN back.
KT_INLINE float sign(float x) { return x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : x); }
KT_INLINE float kt_clip(float x, float low, float high) {
  return x < low ? low : (x > high ? high : x);
}

// keras.activations.relu with slope a, largest value b and threshold c; a NaN stays one unless the
// threshold, which is a comparison, drops it.
KT_INLINE float general_relu(float x, kt_parameters p) {
  float kept = x > p.c || (p.c == 0.0f && x != x) ? x : 0.0f;
  kept = p.b < INFINITY ? kt_clip(kept, 0.0f, p.b) : kept;
  float below = p.c - x;
  return p.a == 0.0f ? kept : kept - p.a * (below <= 0.0f ? 0.0f : below);
}

KT_INLINE float general_relu_slope(float x, kt_parameters p) {
  int clipped = p.b < INFINITY && (x < 0.0f || x > p.b);
  return (x > p.c && !clipped ? 1.0f : 0.0f) + (x < p.c ? p.a : 0.0f);
}

// σ(x), and 1 - σ(x) without the difference.
KT_INLINE float sigmoid_and_rest(float x, float *rest) {
  float e = kt_exp(-kt_abs(x));
  float larger = 1.0f / (1.0f + e), smaller = e * larger;
  *rest = x < 0.0f ? larger : smaller;
  return x < 0.0f ? smaller : larger;
}

KT_INLINE float silu_slope(float x) {
  float rest, s = sigmoid_and_rest(x, &rest);
  return s + x * s * rest;
}

KT_INLINE float mish_slope(float x) {
  float t = kt_tanh(kt_softplus(x));
  return t + x * kt_sigmoid(x) * (1.0f - t * t);
}

// √(2/π) (x + 0.044715 x³)
KT_INLINE float gelu_argument(float x) { return 0.797884561f * (x + 0.044715f * x * x * x); }

// ½ x (1 + tanh u) = x σ(2u), so the derivative is σ(2u) (1 + 2 x u′ (1 - σ(2u))).
KT_INLINE float gelu_tanh_slope(float x) {
  float rest, s = sigmoid_and_rest(2.0f * gelu_argument(x), &rest);
  float inner = 0.797884561f * (1.0f + 3.0f * 0.044715f * x * x);
  return s + 2.0f * x * inner * s * rest;
}

// x - tanh x; near zero by the series, without the difference.
KT_INLINE float tanh_shrink(float x) {
  return kt_abs(x) < 0.625f ? -x * kt_tanh_series(x * x) : x - kt_tanh(x);
}

// ½ (x + √(x² + b)), for negative x as the same quotient without the difference.
KT_INLINE float squareplus(float x, float b) {
  float root = kt_sqrt(x * x + b);
  return x < 0.0f ? 0.5f * b / (root - x) : 0.5f * (x + root);
}

#define DEFINE(name, value, slope)                                                              \
  KT_CLONES void kt_unary_values_##name(const float *from, float *to, long count,               \
                                        kt_parameters p) {                                      \
    KT_INDEPENDENT                                                                              \
    for (long i = 0; i < count; ++i) {                                                          \
      float x = from[i];                                                                        \
      to[i] = (value);                                                                          \
    }                                                                                           \
  }                                                                                             \
  KT_CLONES void kt_unary_slopes_##name(const float *at, const float *gradient, float *to,      \
                                        long count, kt_parameters p) {                          \
    KT_INDEPENDENT                                                                              \
    for (long i = 0; i < count; ++i) {                                                          \
      float x = at[i], y = x;                                                                   \
      (void)y;                                                                                  \
      to[i] = gradient[i] * (slope);                                                            \
    }                                                                                           \
  }
FUNCTIONS(DEFINE)

typedef void (*values_loop)(const float *, float *, long, kt_parameters);
typedef void (*slopes_loop)(const float *, const float *, float *, long, kt_parameters);

#define NAME(name, value, slope) #name,
#define VALUES(name, value, slope) kt_unary_values_##name,
#define SLOPES(name, value, slope) kt_unary_slopes_##name,
static const char *const names[] = {FUNCTIONS(NAME)};
static const values_loop values[] = {FUNCTIONS(VALUES)};
static const slopes_loop slopes[] = {FUNCTIONS(SLOPES)};

long kt_unary_count(void) { return (long)(sizeof names / sizeof names[0]); }
const char *kt_unary_name(long code) { return names[code]; }

void kt_unary(long code, kt_parameters p, const float *from, float *to, long count) {
  values[code](from, to, count, p);
}

void kt_unary_gradient(long code, kt_parameters p, const float *at, const float *gradient,
                       float *to, long count) {
  slopes[code](at, gradient, to, count, p);
}
