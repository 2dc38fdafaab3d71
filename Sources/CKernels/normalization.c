#include "ckernels.h"
#include "elementary.h"
#include "lanes.h"

// Rows of channels, which have numbers of their own: those of a block of channels stay in registers
// over a run of rows that stays in the cache.

enum { ROWS = 64 };

// Calls `tile` for blocks of 4, 2 and 1 vectors of channels, and `rest` for what is left.
#define FOR_EACH_TILE(columns, tile, rest)                        \
  do {                                                            \
    long c = 0;                                                   \
    for (; c + 4 * WIDTH <= (columns); c += 4 * WIDTH) tile(c, 4); \
    for (; c + 2 * WIDTH <= (columns); c += 2 * WIDTH) tile(c, 2); \
    for (; c + WIDTH <= (columns); c += WIDTH) tile(c, 1);         \
    for (; c < (columns); ++c) rest(c);                            \
  } while (0)

KT_INLINE void scale_tile(const float *x, const float *scale, const float *shift, float *y,
                          long rows, long columns, int n) {
  lanes a[4], b[4], next;
  for (int v = 0; v < n; ++v) {
    LOAD(a[v], scale + v * WIDTH);
    LOAD(b[v], shift + v * WIDTH);
  }
  for (long row = 0; row < rows; ++row)
    for (int v = 0; v < n; ++v) {
      LOAD(next, x + row * columns + v * WIDTH);
      next = next * a[v] + b[v];
      STORE(next, y + row * columns + v * WIDTH);
    }
}

KT_CLONES
void kt_scale_rows(const float *x, const float *scale, const float *shift, float *y, long rows,
                   long columns) {
#define TILE(c, n) scale_tile(x + c, scale + c, shift + c, y + c, count, columns, n)
#define REST(c) \
  for (long i = c; i < count * columns; i += columns) y[i] = x[i] * scale[c] + shift[c]
  for (long row = 0; row < rows; row += ROWS, x += ROWS * columns, y += ROWS * columns) {
    long count = rows - row < ROWS ? rows - row : ROWS;
    FOR_EACH_TILE(columns, TILE, REST);
  }
#undef TILE
#undef REST
}

KT_INLINE void moments_tile(const float *x, float *sums, float *squares, long rows, long columns,
                            int n) {
  lanes total[4], mean[4], square[4], next;
  for (int v = 0; v < n; ++v) total[v] = square[v] = (lanes){0};
  for (long row = 0; row < rows; ++row)
    for (int v = 0; v < n; ++v) {
      LOAD(next, x + row * columns + v * WIDTH);
      total[v] += next;
    }
  for (int v = 0; v < n; ++v) mean[v] = total[v] / (float)rows;
  for (long row = 0; row < rows; ++row)
    for (int v = 0; v < n; ++v) {
      LOAD(next, x + row * columns + v * WIDTH);
      next -= mean[v];
      square[v] += next * next;
    }
  for (int v = 0; v < n; ++v) {
    STORE(total[v], sums + v * WIDTH);
    STORE(square[v], squares + v * WIDTH);
  }
}

KT_CLONES
void kt_column_moments(const float *x, long rows, long columns, float *sums, float *squares) {
#define TILE(c, n) moments_tile(x + c, sums + c, squares + c, rows, columns, n)
#define REST(c)                                                                   \
  do {                                                                            \
    float total = 0, square = 0;                                                  \
    for (long i = c; i < rows * columns; i += columns) total += x[i];             \
    float mean = total / (float)rows;                                             \
    for (long i = c; i < rows * columns; i += columns)                            \
      square += (x[i] - mean) * (x[i] - mean);                                    \
    sums[c] = total;                                                              \
    squares[c] = square;                                                          \
  } while (0)
  FOR_EACH_TILE(columns, TILE, REST);
#undef TILE
#undef REST
}

// Moments of a whole from those of its parts (Chan, Golub and LeVeque 1979).
void kt_combine_moments(const float *partial, long blocks, long block_rows, long rows, long columns,
                        float *mean, float *variance) {
  for (long c = 0; c < columns; ++c) {
    double total = 0, square = 0;
    for (long block = 0; block < blocks; ++block) total += (double)partial[2 * block * columns + c];
    double middle = total / (double)rows;
    for (long block = 0; block < blocks; ++block) {
      const float *part = partial + 2 * block * columns;
      long first = block * block_rows;
      double count = (double)(rows - first < block_rows ? rows - first : block_rows);
      double away = (double)part[c] / count - middle;
      square += (double)part[columns + c] + count * away * away;
    }
    mean[c] = (float)middle;
    variance[c] = (float)(square / (double)rows);
  }
}

KT_INLINE void products_tile(const float *x, const float *mean, const float *gradient, float *sums,
                             float *products, long rows, long columns, int n) {
  lanes total[4], product[4], middle[4], next, g;
  for (int v = 0; v < n; ++v) {
    total[v] = product[v] = (lanes){0};
    LOAD(middle[v], mean + v * WIDTH);
  }
  for (long row = 0; row < rows; ++row)
    for (int v = 0; v < n; ++v) {
      LOAD(g, gradient + row * columns + v * WIDTH);
      LOAD(next, x + row * columns + v * WIDTH);
      total[v] += g;
      product[v] += g * (next - middle[v]);
    }
  for (int v = 0; v < n; ++v) {
    STORE(total[v], sums + v * WIDTH);
    STORE(product[v], products + v * WIDTH);
  }
}

KT_CLONES
void kt_column_products(const float *x, const float *mean, const float *gradient, long rows,
                        long columns, float *sums, float *products) {
#define TILE(c, n) \
  products_tile(x + c, mean + c, gradient + c, sums + c, products + c, rows, columns, n)
#define REST(c)                                                \
  do {                                                         \
    sums[c] = products[c] = 0;                                 \
    for (long i = c; i < rows * columns; i += columns) {       \
      sums[c] += gradient[i];                                  \
      products[c] += gradient[i] * (x[i] - mean[c]);           \
    }                                                          \
  } while (0)
  FOR_EACH_TILE(columns, TILE, REST);
#undef TILE
#undef REST
}

KT_INLINE void gradient_tile(const float *x, const float *gradient, kt_channels k, float *to,
                             long rows, long columns, int n) {
  lanes mean[4], a[4], b[4], d[4], next, g;
  for (int v = 0; v < n; ++v) {
    LOAD(mean[v], k.mean + v * WIDTH);
    LOAD(a[v], k.a + v * WIDTH);
    LOAD(b[v], k.b + v * WIDTH);
    LOAD(d[v], k.d + v * WIDTH);
  }
  for (long row = 0; row < rows; ++row)
    for (int v = 0; v < n; ++v) {
      LOAD(g, gradient + row * columns + v * WIDTH);
      LOAD(next, x + row * columns + v * WIDTH);
      g = g * a[v] + ((next - mean[v]) * b[v] + d[v]);
      STORE(g, to + row * columns + v * WIDTH);
    }
}

KT_CLONES
void kt_normalized_gradient(const float *x, const float *gradient, kt_channels k, float *to,
                            long rows, long columns) {
#define TILE(c, n)                                                                               \
  gradient_tile(x + c, gradient + c, (kt_channels){k.mean + c, k.a + c, k.b + c, k.d + c}, to + c, \
                count, columns, n)
#define REST(c)                                              \
  for (long i = c; i < count * columns; i += columns)        \
  to[i] = gradient[i] * k.a[c] + ((x[i] - k.mean[c]) * k.b[c] + k.d[c])
  for (long row = 0; row < rows; row += ROWS) {
    long count = rows - row < ROWS ? rows - row : ROWS;
    FOR_EACH_TILE(columns, TILE, REST);
    x += ROWS * columns;
    gradient += ROWS * columns;
    to += ROWS * columns;
  }
#undef TILE
#undef REST
}
