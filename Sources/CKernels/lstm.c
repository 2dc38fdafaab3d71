#include "ckernels.h"
#include "elementary.h"

// The functions of gates, each with its derivative in terms of its value y. The order is that of
// GateFunction in Swift.
#define GATE_FUNCTIONS(F)                                                                    \
  F(0, x, 1.0f)                                                                              \
  F(1, x > 0.0f ? x : 0.0f, y > 0.0f ? 1.0f : 0.0f)                                          \
  F(2, kt_sigmoid(x), y * (1.0f - y))                                                        \
  F(3, kt_tanh(x), 1.0f - y * y)                                                             \
  F(4, clip01((x + 3.0f) * (1.0f / 6.0f)), y > 0.0f && y < 1.0f ? 1.0f / 6.0f : 0.0f)        \
  F(5, clip01(0.2f * x + 0.5f), y > 0.0f && y < 1.0f ? 0.2f : 0.0f)                          \
  F(6, x / (1.0f + kt_abs(x)), (1.0f - kt_abs(y)) * (1.0f - kt_abs(y)))                      \
  F(7, kt_exp(x), y)                                                                         \
  F(8, x > 0.0f ? x : kt_expm1_nonpositive(x), y > 0.0f ? 1.0f : y + 1.0f)

KT_INLINE float clip01(float x) { return x < 0.0f ? 0.0f : (x > 1.0f ? 1.0f : x); }

// values[j] = f(values[j])
KT_INLINE void apply_gate(int32_t function, float *values, long count) {
  switch (function) {
#define VALUE(code, value, slope)        \
  case code:                             \
    KT_INDEPENDENT                       \
    for (long j = 0; j < count; j++) {   \
      float x = values[j];               \
      values[j] = (value);               \
    }                                    \
    break;
    GATE_FUNCTIONS(VALUE)
  }
}

// gradient[j] *= f'(x), where values[j] = f(x)
KT_INLINE void apply_slope(int32_t function, const float *values, float *gradient, long count) {
  switch (function) {
#define SLOPE(code, value, slope)        \
  case code:                             \
    KT_INDEPENDENT                       \
    for (long j = 0; j < count; j++) {   \
      float y = values[j];               \
      (void)y;                           \
      gradient[j] *= (slope);            \
    }                                    \
    break;
    GATE_FUNCTIONS(SLOPE)
  }
}

// The four gates of one row are three runs: i and f, the candidate c, and o.
typedef struct {
  long first, count;
  int32_t function;
} gate_run;

KT_CLONES
void kt_lstm_cell(
    long units, int32_t activation, int32_t recurrent, float *gates, const float *bias,
    const float *c_old, float *c_new, float *h_new) {
  if (bias) {
    KT_INDEPENDENT
    for (long j = 0; j < 4 * units; j++) gates[j] += bias[j];
  }
  const gate_run runs[3] = {
      {0, 2 * units, recurrent}, {2 * units, units, activation}, {3 * units, units, recurrent}};
  for (int run = 0; run < 3; run++) {
    apply_gate(runs[run].function, gates + runs[run].first, runs[run].count);
  }
  const float *i = gates, *f = gates + units, *g = gates + 2 * units, *o = gates + 3 * units;
  KT_INDEPENDENT
  for (long j = 0; j < units; j++) {
    float c = f[j] * c_old[j] + i[j] * g[j];
    c_new[j] = c;
    h_new[j] = c;
  }
  apply_gate(activation, h_new, units);
  KT_INDEPENDENT
  for (long j = 0; j < units; j++) h_new[j] *= o[j];
}

KT_CLONES
void kt_lstm_cell_gradient(
    long units, int32_t activation, int32_t recurrent, const float *gates, const float *c_old,
    const float *dy, float *dh, float *dc, float *dz) {
  const float *i = gates, *f = gates + units, *g = gates + 2 * units, *o = gates + 3 * units;
  float *di = dz, *df = dz + units, *dg = dz + 2 * units, *d_o = dz + 3 * units;
  // h = o a with a = activation(c); a stands in d_o until the last loop.
  KT_INDEPENDENT
  for (long j = 0; j < units; j++) {
    d_o[j] = f[j] * c_old[j] + i[j] * g[j];
    dh[j] += dy[j];
    dg[j] = dh[j] * o[j];
  }
  apply_gate(activation, d_o, units);
  apply_slope(activation, d_o, dg, units);
  KT_INDEPENDENT
  for (long j = 0; j < units; j++) {
    float d = dc[j] + dg[j];
    di[j] = d * g[j];
    df[j] = d * c_old[j];
    dg[j] = d * i[j];
    d_o[j] *= dh[j];
    dc[j] = d * f[j];
    dh[j] = 0.0f;
  }
  const gate_run runs[3] = {
      {0, 2 * units, recurrent}, {2 * units, units, activation}, {3 * units, units, recurrent}};
  for (int run = 0; run < 3; run++) {
    apply_slope(
        runs[run].function, gates + runs[run].first, dz + runs[run].first, runs[run].count);
  }
}

KT_CLONES
void kt_add(const float *x, float *sum, long count) {
  KT_INDEPENDENT
  for (long j = 0; j < count; j++) sum[j] += x[j];
}
