// One step of a gated recurrent unit, from the sums of products; its gates are z, r, the candidate.
#include "gates.h"

// The new state from the gates.
KT_INLINE void mix(const float *z, const float *candidate, float *h, long units) {
  KT_INDEPENDENT
  for (long j = 0; j < units; j++) h[j] = z[j] * h[j] + (1.0f - z[j]) * candidate[j];
}

KT_CLONES
void kt_gru_step(const kt_step *s) {
  const long units = s->units, width = 3 * units;
  // Those of the products of the state follow those of the input.
  const float *bias = s->bias ? s->bias + 2 * units : NULL;
  const float *inner_bias = s->bias ? s->bias + width : NULL;
  for (long row = 0; row < s->rows; row++) {
    kt_keep_states(s, row);
    if (!kt_is_on(s->mask, s->mask_stride, row)) {
      kt_pass_over(s, row, width);
      continue;
    }
    const float *projected = kt_projected(s, row) + 2 * units;
    float *gates = kt_gates(s, row, width), *sums = s->sums + row * width;
    kt_sum_gate(projected - 2 * units, sums, s->bias, gates, 2 * units);
    if (inner_bias) kt_sum_gate(gates, inner_bias, NULL, gates, 2 * units);
    kt_apply_gate(s->recurrent, gates, 2 * units);
    float *inner = s->inner ? s->inner + row * s->state_stride : sums + 2 * units;
    const float *r = gates + units;
    float *candidate = gates + 2 * units, *h = s->h + row * units;
    const float *inner_sums = sums + 2 * units;
    KT_INDEPENDENT
    for (long j = 0; j < units; j++) {
      float product = inner_sums[j] + (inner_bias ? inner_bias[2 * units + j] : 0.0f);
      inner[j] = product;
      candidate[j] = projected[j] + (bias ? bias[j] : 0.0f) + r[j] * product;
    }
    kt_apply_gate(s->activation, candidate, units);
    mix(gates, candidate, h, units);
    kt_give_output(s, row);
  }
}

KT_CLONES
void kt_gru_reset_step(const kt_step *s) {
  const long units = s->units, width = 3 * units;
  for (long row = 0; row < s->rows; row++) {
    float *reset = s->reset + row * units;
    if (!kt_is_on(s->mask, s->mask_stride, row)) {
      kt_clear(reset, units);
      continue;
    }
    float *gates = kt_gates(s, row, width);
    kt_sum_gate(kt_projected(s, row), s->sums + row * width, s->bias, gates, 2 * units);
    kt_apply_gate(s->recurrent, gates, 2 * units);
    const float *r = gates + units, *h = s->h + row * units;
    KT_INDEPENDENT
    for (long j = 0; j < units; j++) reset[j] = r[j] * h[j];
  }
}

KT_CLONES
void kt_gru_candidate_step(const kt_step *s) {
  const long units = s->units, width = 3 * units;
  for (long row = 0; row < s->rows; row++) {
    kt_keep_states(s, row);
    if (!kt_is_on(s->mask, s->mask_stride, row)) {
      kt_pass_over(s, row, width);
      continue;
    }
    float *gates = kt_gates(s, row, width), *candidate = gates + 2 * units;
    kt_sum_gate(kt_projected(s, row) + 2 * units, s->sums + row * width + 2 * units,
                s->bias ? s->bias + 2 * units : NULL, candidate, units);
    kt_apply_gate(s->activation, candidate, units);
    mix(gates, candidate, s->h + row * units, units);
    kt_give_output(s, row);
  }
}

// The gradients of z and of the candidate before their functions, and in dh what goes past the gates.
KT_INLINE void unmix(const kt_step_gradient *s, long row, const float *gates, float *dz) {
  const long units = s->units;
  const float *z = gates, *candidate = gates + 2 * units;
  const float *h_old = s->old_h + row * s->state_stride;
  float *dh = s->dh + row * units, *dc = dz + 2 * units;
  KT_INDEPENDENT
  for (long j = 0; j < units; j++) {
    float d = dh[j];
    dz[j] = d * (h_old[j] - candidate[j]);
    dc[j] = d * (1.0f - z[j]);
    dh[j] = d * z[j];
  }
  kt_apply_slope(s->recurrent, z, dz, units);
  kt_apply_slope(s->activation, candidate, dc, units);
}

KT_CLONES
void kt_gru_step_gradient(const kt_step_gradient *s) {
  const long units = s->units, width = 3 * units;
  for (long row = 0; row < s->rows; row++) {
    if (!kt_take_output_gradient(s, row, width)) continue;
    const float *gates = s->gates + row * s->gate_stride, *r = gates + units;
    const float *inner = s->inner + row * s->state_stride;
    float *dz = s->dz + row * width, *dr = dz + units, *dc = dz + 2 * units;
    float *d_inner = s->d_inner + row * width;
    unmix(s, row, gates, dz);
    KT_INDEPENDENT
    for (long j = 0; j < units; j++) {
      dr[j] = dc[j] * inner[j];
      d_inner[2 * units + j] = dc[j] * r[j];
    }
    kt_apply_slope(s->recurrent, r, dr, units);
    kt_copy(dz, d_inner, 2 * units);
  }
}

KT_CLONES
void kt_gru_candidate_step_gradient(const kt_step_gradient *s) {
  for (long row = 0; row < s->rows; row++) {
    if (!kt_take_output_gradient(s, row, 3 * s->units)) continue;
    unmix(s, row, s->gates + row * s->gate_stride, s->dz + row * 3 * s->units);
  }
}

KT_CLONES
void kt_gru_reset_step_gradient(const kt_step_gradient *s) {
  const long units = s->units;
  for (long row = 0; row < s->rows; row++) {
    if (!kt_is_on(s->mask, s->mask_stride, row)) continue;
    const float *r = s->gates + row * s->gate_stride + units;
    const float *h_old = s->old_h + row * s->state_stride;
    const float *d_reset = s->d_reset + row * units;
    float *dr = s->dz + row * 3 * units + units, *dh = s->dh + row * units;
    float *reset = s->reset + row * units;
    KT_INDEPENDENT
    for (long j = 0; j < units; j++) {
      dr[j] = d_reset[j] * h_old[j];
      dh[j] += d_reset[j] * r[j];
      reset[j] = r[j] * h_old[j];
    }
    kt_apply_slope(s->recurrent, r, dr, units);
  }
}
