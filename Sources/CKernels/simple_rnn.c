// One step of a simple recurrent layer, from the sums of products; its only gate is the new state.
#include "gates.h"

KT_CLONES
void kt_simple_step(const kt_step *s) {
  const long units = s->units;
  for (long row = 0; row < s->rows; row++) {
    kt_keep_states(s, row);
    if (!kt_is_on(s->mask, s->mask_stride, row)) {
      kt_pass_over(s, row, units);
      continue;
    }
    float *h = s->h + row * units;
    kt_sum_gate(kt_projected(s, row), s->sums + row * units, s->bias, h, units);
    kt_apply_gate(s->activation, h, units);
    if (s->gates) kt_copy(h, s->gates + row * s->gate_stride, units);
    kt_give_output(s, row);
  }
}

KT_CLONES
void kt_simple_step_gradient(const kt_step_gradient *s) {
  const long units = s->units;
  for (long row = 0; row < s->rows; row++) {
    if (!kt_take_output_gradient(s, row, units)) continue;
    float *dh = s->dh + row * units, *dz = s->dz + row * units;
    kt_copy(dh, dz, units);
    kt_clear(dh, units);
    kt_apply_slope(s->activation, s->gates + row * s->gate_stride, dz, units);
  }
}
