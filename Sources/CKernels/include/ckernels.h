// The C face of the kernels: BLAS, and loops that need the machine's own vector instructions, a part for each
// file of loops. Those of optimizers and of recurrent layers have headers of their own.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "recurrence.h"
#include "updates.h"

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

// c = a · b, or c += a · b, in the calling thread (blas.c). Strides are elements from one stored row to
// the next.
void kt_sgemm(int a_transposed, int b_transposed, int rows, int columns, int depth, const float *a,
              int a_stride, const float *b, int b_stride, int accumulate, float *c, int c_stride);

// Zeroed memory, null where there is none left (memory.c), given back with the size it was asked for
// with; `alignment` is at most a page.
void *kt_allocate(size_t bytes, size_t alignment);
void kt_release(void *memory, size_t bytes);

// Calls `body` once for each of the parts 0, 1, … from that many threads, numbered from 0, and returns
// when all are done; from thread 0 alone where another job is running (threads.c).
void kt_parallel(long parts, long threads, void (*body)(void *context, long part, long thread),
                 void *context);

// Calls `share` for every part of a round, each in a thread of its own where there are as many, then `whole`
// once in the calling thread, and only then goes on to the next round (rounds.c). Parts are at most 16.
void kt_rounds(long count, long parts, void (*share)(void *context, long round, long part),
               void (*whole)(void *context, long round), void *context);

// In the calling thread, until what was before is restored; threads of `kt_parallel` always (denormals.c).
unsigned long kt_flush_denormals(void);
void kt_restore_denormals(unsigned long before);

// Rows of tables (rows.c). Counts are of elements unless they say otherwise.
long kt_first_outside(const int32_t *tokens, long count, int32_t bound);
void kt_gather_rows(const float *table, long width, const int32_t *tokens, long count,
                    float *output);
void kt_scatter_add_rows(const float *source, long width, const int32_t *tokens, long count,
                         int32_t first, int32_t end, float *output);
// Sorts positions by token: those of token v are positions[starts[v]] to positions[starts[v + 1] - 1].
void kt_order_tokens(const int32_t *tokens, long count, long rows, int32_t *starts,
                     int32_t *positions);
// Sums the rows of `source` at the positions of `count` tokens, and their squares unless null.
void kt_add_ordered_rows(const float *source, long width, const int32_t *starts, long count,
                         const int32_t *positions, float *sum, float *squares);

// Rows first ..< end of y, each the sum of the rows of x at positions[starts[j]] to
// positions[starts[j + 1] - 1] times their weights.
void kt_sum_rows(const float *x, long width, const int32_t *starts, const int32_t *positions,
                 const float *weights, long first, long end, float *y);

// Convolutions under a maximum (sparse_convolution.c).
typedef struct {
  // `words` of 32 bits tell which of the windows have a filter's maximum.
  long length, size, stride, dilation, leading, channels, filters, words;
} kt_windows;

// Takes `count` rows, which are windows first, first + 1, …, into the running maximum of each column;
// begins anew where `first` is 0. Bit t % 32 of `ties`, [t / 32, width], says whether window t has the
// maximum; words before `start`, [width], are of lower maxima until they are forgotten.
void kt_max_rows(const float *rows, long count, long width, long first, float *maximum,
                 int32_t *ties, int32_t *start);
void kt_forget_ties(int32_t *ties, long words, long width, const int32_t *start);
// `kernel` is [filters, size, channels]; adds into `output`, [length, channels].
void kt_sparse_input_gradient(kt_windows w, const float *gradient, const int32_t *ties,
                              const float *kernel, float *output);
// Adds into `sum`, [count, size, channels].
void kt_sparse_kernel_gradient(kt_windows w, const float *gradient, const int32_t *ties,
                               long count, const float *input, float *sum);
// Columns `first` to `end` of the source, which are rows of the output.
void kt_transpose(const float *source, long rows, long columns, long first, long end,
                  float *output);

// Convolutions of size 3 by Winograd's F(4, 3) (winograd.c), as six products of transformed matrices.

// From [3, channels, filters] to six packed matrices [channels, filters] `matrix_count` floats apart.
void kt_winograd_kernel(const float *kernel, long channels, long filters, long first_panel,
                        long end_panel, float *packed, long matrix_count);
// From [length, channels], with `leading` rows of padding before it, to six [tiles, channels] `matrix`
// floats apart; `zeros` is a row of them.
void kt_winograd_input(const float *input, long length, long leading, long channels,
                       const float *zeros, long tiles, float *output, long matrix);
// From six [tiles, 32] `matrix` floats apart to `windows` rows of `width` outputs, `stride` floats apart.
void kt_winograd_output(const float *products, long tiles, long width, long windows, float *output,
                        long stride, long matrix);
// F(2, 3) along the other axis: [3, count] to [4, count]; four rows to [4, count]; [4, count] to two rows.
void kt_winograd_kernel_rows(const float *kernel, long count, float *rows);
void kt_winograd_input_rows(const float *d0, const float *d1, const float *d2, const float *d3,
                            long count, float *rows);
void kt_winograd_output_rows(const float *products, long count, float *first, float *second);

// Dropout (dropout.c).

// y = x * scale where the element's random word is at least `threshold`, else 0. The words come in
// groups of 64 from 16 Philox-4x32-7 blocks with the counters (counter + 0...15, upper0, upper1,
// upper2); the first element is the first of a group. y may be x.
void kt_dropout(
    const float *x, float *y, int64_t count, uint32_t counter, uint32_t upper0, uint32_t upper1,
    uint32_t upper2, uint64_t key, uint32_t threshold, float scale);

// y = x + deviation · n, or x · (1 + deviation · n), with normal numbers n of the same words. y may be x.
void kt_noise(const float *x, float *y, int64_t count, uint32_t counter, uint32_t upper0,
              uint32_t upper1, uint32_t upper2, uint64_t key, float deviation, int is_factor);

// y = x * mask, and 0 where the mask is 0 even if x is not finite. y may be x.
void kt_apply_mask(const float *x, const float *mask, float *y, int64_t count);
void kt_apply_mask_value(const float *x, float mask, float *y, int64_t count);

// Functions of one number (unary.c), found by name among the codes 0 ..< kt_unary_count().
typedef struct {
  float a, b, c;
} kt_parameters;
long kt_unary_count(void);
const char *kt_unary_name(long code);
void kt_unary(long code, kt_parameters p, const float *from, float *to, long count);
// to = gradient · derivative, `at` being the input or the output, whichever the derivative is of.
void kt_unary_gradient(long code, kt_parameters p, const float *at, const float *gradient,
                       float *to, long count);

// Functions of two numbers (binary.c) on operands that are laid out in rows; strides may be 0, and a
// column stride is 0 or 1.
typedef struct {
  const float *elements;
  long row_stride, column_stride;
} kt_rows;
long kt_binary_count(void);
const char *kt_binary_name(long code);
void kt_binary(long code, kt_rows a, kt_rows b, float *to, long rows, long columns);
void kt_select(kt_rows mask, kt_rows a, kt_rows b, float *to, long rows, long columns);

// Reductions of a row-major matrix (reductions.c): of each row, or of the columns first ..< end.
void kt_row_sums(const float *x, long rows, long columns, float divisor, float *to);
void kt_row_maxima(const float *x, long rows, long columns, float *to);
void kt_column_sums(const float *x, long rows, long columns, long first, long end, float divisor,
                    float *to);
void kt_column_maxima(const float *x, long rows, long columns, long first, long end, float *to);
void kt_combine_sums(const float *partial, long blocks, long columns, float divisor, float *to);
// The gradient of a column goes to its largest elements in equal shares.
void kt_max_gradient(const float *x, const float *gradient, long rows, long columns, long first,
                     long end, float *to);
void kt_softmax_rows(const float *x, long rows, long columns, int32_t logarithm, float *to);

// Copies of rows of 4-byte elements (copies.c), with any strides in the source.
void kt_copy_rows(const float *from, long row_stride, long column_stride, float *to,
                  long to_stride, long rows, long columns);

// Each row's projection onto the probability simplex (reductions.c). `to` may be x.
void kt_sparsemax_rows(const float *x, long rows, long columns, float *to);

// Rows of channels and numbers for each channel (normalization.c).

// y = x · scale + shift. y may be x.
void kt_scale_rows(const float *x, const float *scale, const float *shift, float *y, long rows,
                   long columns);
// The sums of the columns, and of the squares of their distances from their mean.
void kt_column_moments(const float *x, long rows, long columns, float *sums, float *squares);
// Mean and variance of all rows from the moments of blocks, [blocks, 2, columns].
void kt_combine_moments(const float *partial, long blocks, long block_rows, long rows, long columns,
                        float *mean, float *variance);
// The sums of the gradients and of gradient · (x - mean).
void kt_column_products(const float *x, const float *mean, const float *gradient, long rows,
                        long columns, float *sums, float *products);
typedef struct {
  const float *mean, *a, *b, *d;
} kt_channels;
// to = gradient · a + (x - mean) · b + d. `to` may be either.
void kt_normalized_gradient(const float *x, const float *gradient, kt_channels k, float *to,
                            long rows, long columns);

// Rows normalised each for itself (row_normalization.c).

// y = (x - mean) · r · gamma + beta, r = 1 / √(mean of (x - mean)² + epsilon), and each row's mean and r;
// the mean is 0 where `centers` is. y may be x.
void kt_normalize_rows(const float *x, const float *gamma, const float *beta, float epsilon,
                       int32_t centers, long rows, long columns, float *y, float *means,
                       float *factors);
// The gradients of x, and of gamma and beta summed over the rows. `to` may be either.
void kt_normalized_rows_gradient(const float *x, const float *gamma, const float *means,
                                 const float *factors, const float *gradient, int32_t centers,
                                 long rows, long columns, float *to, float *dgamma, float *dbeta);

// Pooling of one sample (pooling.c), [depth, height, width, channels]. A window is a plane's span times
// a row's times a column's; windows are in the order of planes, rows and columns.
typedef struct {
  long begin, end;
} kt_span;
typedef struct {
  const kt_span *planes, *rows, *columns;
  long row_count, column_count;
  long depth, height, width, channels;
  // Whether no two windows share a position; whether they also leave none out.
  int disjoint, complete;
} kt_pool;
// The rows of windows first ..< end, counted through all planes, and the channels of them.
typedef struct {
  long first_row, end_row, first_channel, end_channel;
} kt_pool_part;
void kt_max_pool(kt_pool p, kt_pool_part part, const float *x, float *y);
void kt_max_pool_gradient(kt_pool p, kt_pool_part part, const float *x, const float *gradient,
                          float *to);
void kt_average_pool(kt_pool p, kt_pool_part part, const float *x, float *y);
void kt_average_pool_gradient(kt_pool p, kt_pool_part part, const float *gradient, float *to);

// Whole numbers and floats (tokens.c).
void kt_tokens_differ(const int32_t *x, long count, int32_t value, float *to);
// Rows of `depth` zeros, with a 1 where x[i] is; x[i] may lie outside.
void kt_one_hot(const int32_t *x, long count, long depth, float *to);
void kt_to_float(const int32_t *x, long count, float *to);
// Towards zero; what no int32 is near, and NaN, gives the smallest int32.
void kt_to_int(const float *x, long count, int32_t *to);

// sum += x
void kt_add(const float *x, float *sum, long count);

// Matrix products by tiles of registers (products.c). A packed matrix is panels of 32 columns,
// [⌈columns / 32⌉, rows, 32], with zeros beyond the last column.

// The floats in a register of the widest tiles that the processor has; 0 where it has none.
int kt_tile_lanes(void);
void kt_pack(const float *b, long row_stride, long column_stride, long rows, long columns,
             long first_panel, long end_panel, float *packed, long panel_stride);
// c = a · b, or c += a · b: c[i, j] is at i · c_row + j, a[i, k] at i · a_row + k · a_column, and the
// panels of b are `panel_stride` apart, so that rows in the middle of a packed matrix can be taken.
// `lanes` is 16 or 8, and not more than the processor has.
void kt_product(int lanes, const float *a, long a_row, long a_column, const float *packed,
                long panel_stride, float *c, long c_row, long rows, long columns, long depth,
                int accumulate);
// c = a · b for a few rows, with b as it is stored: `b_row` floats from row to row.
void kt_row_product(int lanes, const float *a, long a_row, const float *b, long b_row, float *c,
                    long c_row, long rows, long columns, long depth);

// Convolutions of one sample (patches.c) along up to three axes, of which those in front may be of length
// and size 1; of the sample's channels, `width` from `first_channel` on.
typedef struct {
  long length, size, stride, dilation, leading, count;
} kt_axis;
typedef struct {
  kt_axis axes[3];
  long channels, first_channel, width;
} kt_patches;
// Windows `first` … as rows of a matrix: [count, taps, width], zeros where a tap sees padding.
void kt_gather_patches(kt_patches p, const float *sample, long first, long count, float *patches);
// Adds such rows where they came from.
void kt_scatter_patches(kt_patches p, const float *patches, long first, long count, float *sample);
// Convolutions of every channel by itself (depthwise.c), of one sample: `multiplier` filters a channel, the
// kernel [taps, channels · multiplier]. The gradients are added to what is there.
void kt_depthwise(kt_patches p, long multiplier, const float *sample, const float *kernel,
                  long first, long count, float *output);
void kt_depthwise_input_gradient(kt_patches p, long multiplier, const float *gradient,
                                 const float *kernel, long windows, float *sample);
void kt_depthwise_kernel_gradient(kt_patches p, long multiplier, const float *sample,
                                  const float *gradient, long windows, float *kernel);
// Rows of `length` with zeros before and after them: `padded` elements each.
void kt_pad_rows(const float *from, long rows, long length, long leading, long padded, float *to);
// rows[i, :] += row
void kt_add_row(float *rows, long count, long width, const float *row);

// Convolutions of an embedding by a table of its rows' products with each tap (token_convolution.c),
// a block of filters at a time: `table` is [vocabulary, size, width], width 16, 32, 48 or 64, of which
// the first `columns` are filters; rows of the result are `filters` apart. Tokens are [samples, length]
// and must lie in the table. Positions outside a sample add nothing.
typedef struct {
  long length, size, stride, dilation, leading, count, filters, width, columns;
} kt_token_windows;
void kt_token_sums(kt_token_windows w, const float *table, const int32_t *tokens, long samples,
                   float *to);
// The largest sum of each filter over all windows; NaN where one of them is.
void kt_token_maxima(kt_token_windows w, const float *table, const int32_t *tokens, long samples,
                     float *to);

// Takes rows into the running maximum of each column (maxima.c), -∞ at first; NaN where one of them is.
void kt_take_maxima(const float *rows, long count, long width, float *maximum);
