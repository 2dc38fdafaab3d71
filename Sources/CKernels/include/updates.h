// Updates of optimizers (updates.c, updates_adaptive.c, updates_scaled.c).
#pragma once
#include <stdint.h>

// One update of a parameter p by its gradient g, and of the optimizer's slots. Each output may be
// the input of its name.
void kt_sgd(const float *p, const float *g, float *p_out, int64_t count, float rate);
void kt_sgd_momentum(
    const float *p, const float *g, const float *m, float *p_out, float *m_out, int64_t count,
    float rate, float momentum);
void kt_sgd_nesterov(
    const float *p, const float *g, const float *m, float *p_out, float *m_out, int64_t count,
    float rate, float momentum);
// `squares` takes the place of g * g, and is null where that is meant; `vmax` (AMSGrad) is null where
// the update has none.
void kt_adam(
    const float *p, const float *g, const float *squares, const float *m, const float *v,
    const float *vmax, float *p_out, float *m_out, float *v_out, float *vmax_out, int64_t count,
    float alpha, float one_minus_beta1, float one_minus_beta2, float epsilon);
// m (momentum) and a (average gradient) are null where the update has none.
void kt_rmsprop(
    const float *p, const float *g, const float *squares, const float *v, const float *m,
    const float *a, float *p_out, float *v_out, float *m_out, float *a_out, int64_t count,
    float rate, float rho, float one_minus_rho, float momentum, float epsilon);

// The same (updates_adaptive.c); `squares` are as for Adam.
void kt_adagrad(
    const float *p, const float *g, const float *squares, const float *a, float *p_out,
    float *a_out, int64_t count, float rate, float epsilon);
void kt_adadelta(
    const float *p, const float *g, const float *squares, const float *a, const float *d,
    float *p_out, float *a_out, float *d_out, int64_t count, float rate, float rho,
    float one_minus_rho, float epsilon);
// `sizes` takes the place of |g|, and is null where that is meant.
void kt_adamax(
    const float *p, const float *g, const float *sizes, const float *m, const float *u,
    float *p_out, float *m_out, float *u_out, int64_t count, float rate, float one_minus_beta1,
    float beta2, float correction, float epsilon);
void kt_lion(
    const float *p, const float *g, const float *m, float *p_out, float *m_out, int64_t count,
    float rate, float beta1, float one_minus_beta1, float beta2, float one_minus_beta2);
typedef struct {
  float rate, one_minus_beta1, one_minus_beta2, epsilon;
  // The factors of the mean and of the gradient, and what each is divided by.
  float next, below_next, now, below_now;
  // What the mean of squares is divided by.
  float correction;
} kt_nadam_constants;
void kt_nadam(
    const float *p, const float *g, const float *squares, const float *m, const float *v,
    float *p_out, float *m_out, float *v_out, int64_t count, const kt_nadam_constants *k);
typedef struct {
  float rate, power, l1, twice_l2, twice_shrinkage;
} kt_ftrl_constants;
void kt_ftrl(
    const float *p, const float *g, const float *squares, const float *a, const float *l,
    float *p_out, float *a_out, float *l_out, int64_t count, const kt_ftrl_constants *k);

// Weight decay, and updates in passes (updates_scaled.c). `step` is what the parameter goes down by,
// before it is scaled; outputs may be the inputs of their names.
void kt_decay(const float *p, float *p_out, int64_t count, float decay, float rate);
double kt_sum_of_squares(const float *x, int64_t count);
double kt_sum_of_quotients(const float *x, const float *y, int64_t count);
typedef struct {
  float one_minus_beta1, one_minus_beta2, correction1, correction2, epsilon;
} kt_lamb_constants;
void kt_lamb(
    const float *g, const float *squares, const float *m, const float *v, float *m_out,
    float *v_out, float *step, int64_t count, const kt_lamb_constants *k);
void kt_adafactor_vector(
    const float *g, const float *squares, const float *v, float *v_out, float *step, int64_t count,
    float beta, float one_minus_beta, float epsilon);
// The means of squares of a matrix's rows and columns; `sums` has room for one number per column.
void kt_adafactor_means(
    const float *g, const float *squares, const float *r, const float *c, float *r_out,
    float *c_out, double *sums, int64_t rows, int64_t columns, float beta, float one_minus_beta,
    float epsilon);
void kt_adafactor_matrix(
    const float *g, const float *r, const float *c, float *v_out, float *step, int64_t rows,
    int64_t columns);
// p -= step / divisor · rate
void kt_step_down(
    const float *p, const float *step, float *p_out, int64_t count, float divisor, float rate);
