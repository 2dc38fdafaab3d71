// One step of recurrent layers, forward and back.
#pragma once
#include <stdint.h>

// Recurrent layers (lstm.c, gru.c, simple_rnn.c): one step of some samples, a row each. Rows of states, sums
// and gradients stand one behind the other, those of sequences a stride apart; the width of a row of sums is
// units times gates. Unless it says otherwise, null is a member that is not there.
typedef struct {
  long rows, units;
  // Codes of GateFunction.
  int32_t activation, recurrent;
  // Where this is 0 a row's step changes nothing; its output is then the one before, or zero.
  const float *mask;
  long mask_stride;
  int32_t zeroes_masked;
  // Products of the input by the kernel: row r of `projected`, or its row tokens[r * token_stride].
  const float *projected;
  long projected_stride;
  const int32_t *tokens;
  long token_stride;
  const float *bias;
  // Products of the state by the recurrent kernel; working memory afterwards.
  float *sums;
  // The states before the step, and then those after it.
  float *h, *c;
  float *output;
  const float *previous_output;
  long output_stride;
  // For the gradient: the gates after their functions, 0 where masked; the states before the step; for
  // a GRU that resets after the product, that product with its bias.
  float *gates;
  long gate_stride;
  float *old_h, *old_c, *inner;
  long state_stride;
  // For a GRU that resets before the product: r * h.
  float *reset;
} kt_step;

void kt_lstm_step(const kt_step *step);
void kt_gru_step(const kt_step *step);
// The GRU that resets before the product has a product between these.
void kt_gru_reset_step(const kt_step *step);
void kt_gru_candidate_step(const kt_step *step);
void kt_simple_step(const kt_step *step);

// One step back. `dh` and `dc` are the gradients of the states after the step, and `d_output` one more of
// h; they become those of the states before it, but for what flows through the sums, whose gradient is `dz`.
typedef struct {
  long rows, units;
  int32_t activation, recurrent;
  const float *mask;
  long mask_stride;
  int32_t zeroes_masked;
  // The number of the step, and of the first that each row takes part in.
  long step;
  const int32_t *first_steps;
  const float *gates;
  long gate_stride;
  const float *old_h, *old_c, *inner;
  long state_stride;
  const float *d_output;
  long output_stride;
  float *dh, *dc;
  float *dz;
  // For a GRU that resets after the product: the gradient of the state's products, which for z and r is dz.
  float *d_inner;
  // For a GRU that resets before it: r * h, and its gradient.
  float *reset;
  const float *d_reset;
} kt_step_gradient;

void kt_lstm_step_gradient(const kt_step_gradient *step);
void kt_gru_step_gradient(const kt_step_gradient *step);
void kt_gru_candidate_step_gradient(const kt_step_gradient *step);
void kt_gru_reset_step_gradient(const kt_step_gradient *step);
void kt_simple_step_gradient(const kt_step_gradient *step);
