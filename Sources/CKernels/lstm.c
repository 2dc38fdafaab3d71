// One step of a long short-term memory, from the sums of products; its gates are i, f, the candidate, o.
#include "gates.h"

// The gates of one row are three runs: i and f, the candidate, and o.
typedef struct {
  long first, count;
  int32_t function;
} gate_run;

#define GATE_RUNS(s)                      \
  {                                       \
    {0, 2 * (s)->units, (s)->recurrent},  \
    {2 * (s)->units, (s)->units, (s)->activation}, \
    {3 * (s)->units, (s)->units, (s)->recurrent}   \
  }

KT_CLONES
void kt_lstm_step(const kt_step *s) {
  const long units = s->units, width = 4 * units;
  const gate_run runs[3] = GATE_RUNS(s);
  for (long row = 0; row < s->rows; row++) {
    kt_keep_states(s, row);
    if (!kt_is_on(s->mask, s->mask_stride, row)) {
      kt_pass_over(s, row, width);
      continue;
    }
    float *gates = kt_gates(s, row, width);
    kt_sum_gate(kt_projected(s, row), s->sums + row * width, s->bias, gates, width);
    for (int run = 0; run < 3; run++)
      kt_apply_gate(runs[run].function, gates + runs[run].first, runs[run].count);
    const float *i = gates, *f = gates + units, *g = gates + 2 * units, *o = gates + 3 * units;
    float *h = s->h + row * units, *c = s->c + row * units;
    KT_INDEPENDENT
    for (long j = 0; j < units; j++) {
      c[j] = f[j] * c[j] + i[j] * g[j];
      h[j] = c[j];
    }
    kt_apply_gate(s->activation, h, units);
    KT_INDEPENDENT
    for (long j = 0; j < units; j++) h[j] *= o[j];
    kt_give_output(s, row);
  }
}

KT_CLONES
void kt_lstm_step_gradient(const kt_step_gradient *s) {
  const long units = s->units, width = 4 * units;
  const gate_run runs[3] = GATE_RUNS(s);
  for (long row = 0; row < s->rows; row++) {
    if (!kt_take_output_gradient(s, row, width)) continue;
    const float *gates = s->gates + row * s->gate_stride;
    const float *i = gates, *f = gates + units, *g = gates + 2 * units, *o = gates + 3 * units;
    const float *c_old = s->old_c + row * s->state_stride;
    float *dz = s->dz + row * width, *dh = s->dh + row * units, *dc = s->dc + row * units;
    float *di = dz, *df = dz + units, *dg = dz + 2 * units, *d_o = dz + 3 * units;
    // h = o a with a = activation(c); a stands in d_o until the last loop.
    KT_INDEPENDENT
    for (long j = 0; j < units; j++) {
      d_o[j] = f[j] * c_old[j] + i[j] * g[j];
      dg[j] = dh[j] * o[j];
    }
    kt_apply_gate(s->activation, d_o, units);
    kt_apply_slope(s->activation, d_o, dg, units);
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
    for (int run = 0; run < 3; run++)
      kt_apply_slope(runs[run].function, gates + runs[run].first, dz + runs[run].first,
                     runs[run].count);
  }
}

KT_CLONES
void kt_add(const float *x, float *sum, long count) {
  KT_INDEPENDENT
  for (long j = 0; j < count; j++) sum[j] += x[j];
}
