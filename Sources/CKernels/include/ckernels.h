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
