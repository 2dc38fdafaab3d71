// The C face of the kernels: BLAS, and loops that need the machine's own vector instructions.
#pragma once
#include <stdint.h>

#if defined(__APPLE__)
#include <Accelerate/Accelerate.h>
#else
#include <cblas.h>
#endif

// One binary is fast everywhere: the loader picks the clone that the processor can run.
#if defined(__x86_64__) && defined(__linux__)
#define KT_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KT_CLONES
#endif

// Before a loop whose outputs may be its inputs, element for element, but never overlap otherwise:
// without it the compiler tests for overlap and runs loops that work in place one by one.
#define KT_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")

// Makes BLAS run in the calling thread only, since the kernels share out the work themselves.
void kt_blas_single_threaded(void);

// Rows of tables (rows.c). Counts are of elements unless they say otherwise.
long kt_first_outside(const int32_t *tokens, long count, int32_t bound);
void kt_gather_rows(const float *table, long width, const int32_t *tokens, long count,
                    float *output);
void kt_scatter_add_rows(const float *source, long width, const int32_t *tokens, long count,
                         int32_t first, int32_t end, float *output);

// Convolutions under a maximum (sparse_convolution.c).
typedef struct {
  long length, size, stride, dilation, leading, channels, filters;
} kt_windows;

// Takes `count` rows, which are windows first, first + 1, …, into the running maximum of each column;
// begins anew where `first` is 0.
void kt_max_rows(const float *rows, long count, long width, long first, float *maximum,
                 int32_t *index);
// `kernel` is [filters, size, channels]; adds into `output`, [length, channels].
void kt_sparse_input_gradient(kt_windows w, const float *gradient, const int32_t *window,
                              const float *kernel, float *output);
// Adds into `sum`, [count, size, channels].
void kt_sparse_kernel_gradient(kt_windows w, const float *gradient, const int32_t *window,
                               long count, const float *input, float *sum);
void kt_transpose(const float *source, long rows, long columns, float *output);

// Dropout and optimizer updates (dropout.c, updates.c).

// y = x * scale where the element's random word is at least `threshold`, else 0. The words come in
// groups of 64 from 16 Philox-4x32-10 blocks with the counters (counter + 0...15, upper0, upper1,
// upper2); the first element is the first of a group. y may be x.
void kt_dropout(
    const float *x, float *y, int64_t count, uint32_t counter, uint32_t upper0, uint32_t upper1,
    uint32_t upper2, uint64_t key, uint32_t threshold, float scale);

// y = x * mask, and 0 where the mask is 0 even if x is not finite. y may be x.
void kt_apply_mask(const float *x, const float *mask, float *y, int64_t count);
void kt_apply_mask_value(const float *x, float mask, float *y, int64_t count);

// One update of a parameter p by its gradient g, and of the optimizer's slots. Each output may be
// the input of its name.
void kt_sgd(const float *p, const float *g, float *p_out, int64_t count, float rate);
void kt_sgd_momentum(
    const float *p, const float *g, const float *m, float *p_out, float *m_out, int64_t count,
    float rate, float momentum);
void kt_sgd_nesterov(
    const float *p, const float *g, const float *m, float *p_out, float *m_out, int64_t count,
    float rate, float momentum);
void kt_adam(
    const float *p, const float *g, const float *m, const float *v, float *p_out, float *m_out,
    float *v_out, int64_t count, float alpha, float one_minus_beta1, float one_minus_beta2,
    float epsilon);
void kt_adam_amsgrad(
    const float *p, const float *g, const float *m, const float *v, const float *vmax, float *p_out,
    float *m_out, float *v_out, float *vmax_out, int64_t count, float alpha, float one_minus_beta1,
    float one_minus_beta2, float epsilon);
// m (momentum) and a (average gradient) are null where the update has none.
void kt_rmsprop(
    const float *p, const float *g, const float *v, const float *m, const float *a, float *p_out,
    float *v_out, float *m_out, float *a_out, int64_t count, float rate, float rho,
    float one_minus_rho, float momentum, float epsilon);
