// What the cells of recurrent layers share: the functions of gates, and the rows of a step.
#pragma once
#include <string.h>

#include "ckernels.h"
#include "elementary.h"

KT_INLINE float kt_clip01(float x) { return x < 0.0f ? 0.0f : (x > 1.0f ? 1.0f : x); }

// The functions of gates, each with its derivative in terms of its value y. The order is that of
// GateFunction in Swift.
#define KT_GATE_FUNCTIONS(F)                                                                 \
  F(0, x, 1.0f)                                                                              \
  F(1, x > 0.0f ? x : 0.0f, y > 0.0f ? 1.0f : 0.0f)                                          \
  F(2, kt_sigmoid(x), y * (1.0f - y))                                                        \
  F(3, kt_tanh(x), 1.0f - y * y)                                                             \
  F(4, kt_clip01((x + 3.0f) * (1.0f / 6.0f)), y > 0.0f && y < 1.0f ? 1.0f / 6.0f : 0.0f)     \
  F(5, kt_clip01(0.2f * x + 0.5f), y > 0.0f && y < 1.0f ? 0.2f : 0.0f)                       \
  F(6, x / (1.0f + kt_abs(x)), (1.0f - kt_abs(y)) * (1.0f - kt_abs(y)))                      \
  F(7, kt_exp(x), y)                                                                         \
  F(8, x > 0.0f ? x : kt_expm1_nonpositive(x), y > 0.0f ? 1.0f : y + 1.0f)

// values[j] = f(values[j])
KT_INLINE void kt_apply_gate(int32_t function, float *values, long count) {
  switch (function) {
#define KT_VALUE(code, value, slope)     \
  case code:                             \
    KT_INDEPENDENT                       \
    for (long j = 0; j < count; j++) {   \
      float x = values[j];               \
      values[j] = (value);               \
    }                                    \
    break;
    KT_GATE_FUNCTIONS(KT_VALUE)
#undef KT_VALUE
  }
}

// gradient[j] *= f'(x), where values[j] = f(x)
KT_INLINE void kt_apply_slope(int32_t function, const float *values, float *gradient, long count) {
  switch (function) {
#define KT_SLOPE(code, value, slope)     \
  case code:                             \
    KT_INDEPENDENT                       \
    for (long j = 0; j < count; j++) {   \
      float y = values[j];               \
      (void)y;                           \
      gradient[j] *= (slope);            \
    }                                    \
    break;
    KT_GATE_FUNCTIONS(KT_SLOPE)
#undef KT_SLOPE
  }
}

// values[j] = x[j] + y[j] + bias[j], the last unless null.
KT_INLINE void kt_sum_gate(const float *x, const float *y, const float *bias, float *values,
                           long count) {
  if (bias) {
    KT_INDEPENDENT
    for (long j = 0; j < count; j++) values[j] = x[j] + y[j] + bias[j];
  } else {
    KT_INDEPENDENT
    for (long j = 0; j < count; j++) values[j] = x[j] + y[j];
  }
}

KT_INLINE void kt_copy(const float *from, float *to, long count) {
  memcpy(to, from, (size_t)count * sizeof(float));
}

KT_INLINE void kt_clear(float *to, long count) { memset(to, 0, (size_t)count * sizeof(float)); }

// Whether a row takes part in the step.
KT_INLINE int kt_is_on(const float *mask, long mask_stride, long row) {
  return !mask || mask[row * mask_stride] != 0.0f;
}

// The products of a row's input.
KT_INLINE const float *kt_projected(const kt_step *s, long row) {
  return s->projected + (s->tokens ? s->tokens[row * s->token_stride] : row) * s->projected_stride;
}

// Where the gates of a row go: to be kept, or else in place of the sums.
KT_INLINE float *kt_gates(const kt_step *s, long row, long width) {
  return s->gates ? s->gates + row * s->gate_stride : s->sums + row * width;
}

// Keeps the states before the step for the gradient.
KT_INLINE void kt_keep_states(const kt_step *s, long row) {
  const long units = s->units;
  if (s->old_h) kt_copy(s->h + row * units, s->old_h + row * s->state_stride, units);
  if (s->old_c) kt_copy(s->c + row * units, s->old_c + row * s->state_stride, units);
}

// A row that takes no part: its states stay, its gates are zero, its output is the one before or zero.
KT_INLINE void kt_pass_over(const kt_step *s, long row, long width) {
  const long units = s->units;
  if (s->gates) kt_clear(s->gates + row * s->gate_stride, width);
  if (s->inner) kt_clear(s->inner + row * s->state_stride, units);
  if (!s->output) return;
  float *output = s->output + row * s->output_stride;
  if (s->previous_output && !s->zeroes_masked)
    kt_copy(s->previous_output + row * s->output_stride, output, units);
  else
    kt_clear(output, units);
}

KT_INLINE void kt_give_output(const kt_step *s, long row) {
  if (s->output)
    kt_copy(s->h + row * s->units, s->output + row * s->output_stride, s->units);
}

// The part of a row in the gradient that does not depend on the cell: takes what flows into the output
// into that of the state, and tells whether the row took part in the step. What flows into the output
// of a masked step belongs to the state that it repeats, or to nothing where no step was before it or
// where it is zero; its gates then have no gradient.
KT_INLINE int kt_take_output_gradient(const kt_step_gradient *s, long row, long width) {
  const long units = s->units;
  float *dh = s->dh + row * units;
  const int is_on = kt_is_on(s->mask, s->mask_stride, row);
  if (s->d_output && (is_on || (!s->zeroes_masked && s->step >= s->first_steps[row]))) {
    const float *dy = s->d_output + row * s->output_stride;
    KT_INDEPENDENT
    for (long j = 0; j < units; j++) dh[j] += dy[j];
  }
  if (is_on) return 1;
  kt_clear(s->dz + row * width, width);
  if (s->d_inner) kt_clear(s->d_inner + row * width, width);
  if (s->reset) kt_clear(s->reset + row * units, units);
  return 0;
}
