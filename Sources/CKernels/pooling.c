#include "ckernels.h"
#include "elementary.h"
#include "lanes.h"

// Windows of one sample, a block of channels at a time: the running results of a block stay in
// registers over all positions of a window.

// The positions of a window: the first element, and how many it has each way.
typedef struct {
  long first, planes, rows, columns;
} box;

KT_INLINE box window(kt_pool p, long row, long column) {
  kt_span d = p.planes[row / p.row_count], h = p.rows[row % p.row_count], w = p.columns[column];
  box b = {((d.begin * p.height + h.begin) * p.width + w.begin) * p.channels, d.end - d.begin,
           h.end - h.begin, w.end - w.begin};
  return b;
}

// `at` is the element of the position, counted from the window's first.
#define FOR_EACH_POSITION(p, b, at)                                           \
  for (long d_ = 0; d_ < (b).planes; ++d_)                                    \
    for (long h_ = 0; h_ < (b).rows; ++h_)                                    \
      for (long w_ = 0, at = (d_ * (p).height + h_) * (p).width * (p).channels; \
           w_ < (b).columns; ++w_, at += (p).channels)

// The block of a window: `in` is its place in the sample, `out` that of the result.
typedef struct {
  long in, out;
  // Full vectors, or one of `count` lanes.
  int vectors;
  long count;
} block;

KT_INLINE void load(block k, const float *from, lanes *vector) {
  if (k.count == WIDTH) {
    LOAD(*vector, from);
  } else {
    float part[WIDTH] = {0};
    for (long i = 0; i < k.count; ++i) part[i] = from[i];
    LOAD(*vector, part);
  }
}

KT_INLINE void store(block k, const lanes *vector, float *to) {
  if (k.count == WIDTH) {
    STORE(*vector, to);
  } else {
    float part[WIDTH];
    STORE(*vector, part);
    for (long i = 0; i < k.count; ++i) to[i] = part[i];
  }
}

// x is the sample, `gradient` that of the results, `to` what is written: results, or the gradient of x.
typedef void (*visitor)(kt_pool p, box b, block k, const float *x, const float *gradient,
                        float *to);

KT_INLINE void visit_blocks(kt_pool p, kt_pool_part part, box b, long out, visitor visit,
                            const float *x, const float *gradient, float *to) {
  long c = part.first_channel;
  for (; c + 4 * WIDTH <= part.end_channel; c += 4 * WIDTH)
    visit(p, b, (block){b.first + c, out + c, 4, WIDTH}, x, gradient, to);
  for (; c + WIDTH <= part.end_channel; c += WIDTH)
    visit(p, b, (block){b.first + c, out + c, 1, WIDTH}, x, gradient, to);
  if (c < part.end_channel)
    visit(p, b, (block){b.first + c, out + c, 1, part.end_channel - c}, x, gradient, to);
}

KT_INLINE void visit_windows(kt_pool p, kt_pool_part part, visitor visit, const float *x,
                             const float *gradient, float *to) {
  for (long row = part.first_row; row < part.end_row; ++row)
    for (long column = 0; column < p.column_count; ++column) {
      box b = window(p, row, column);
      long out = (row * p.column_count + column) * p.channels;
      // With constant extents the loops over positions unroll; most windows are of this size.
      if (b.planes == 1 && b.rows == 2 && b.columns == 2)
        visit_blocks(p, part, (box){b.first, 1, 2, 2}, out, visit, x, gradient, to);
      else
        visit_blocks(p, part, b, out, visit, x, gradient, to);
    }
}

// Zeros for the gradients that windows add to or leave out.
KT_INLINE void clear(kt_pool p, kt_pool_part part, float *to) {
  long positions = p.depth * p.height * p.width, count = part.end_channel - part.first_channel;
  if (count == p.channels) {
    memset(to, 0, (size_t)(positions * count) * sizeof(float));
  } else {
    for (long t = 0; t < positions; ++t)
      memset(to + t * p.channels + part.first_channel, 0, (size_t)count * sizeof(float));
  }
}

KT_INLINE void largest(kt_pool p, box b, block k, const float *x, lanes *best) {
  for (int v = 0; v < k.vectors; ++v) best[v] = (lanes){0} - INFINITY;
  FOR_EACH_POSITION(p, b, at)
    for (int v = 0; v < k.vectors; ++v) {
      lanes next;
      load(k, x + k.in + at + v * WIDTH, &next);
      best[v] = LARGER_LANES(next, best[v]);
    }
}

// Adds a share to what other windows gave, or has it alone where none shares a position.
KT_INLINE void give(kt_pool p, block k, lanes *share, float *to) {
  if (!p.disjoint) {
    lanes sum;
    load(k, to, &sum);
    *share += sum;
  }
  store(k, share, to);
}

KT_INLINE void visit_max(kt_pool p, box b, block k, const float *x, const float *gradient,
                         float *to) {
  (void)gradient;
  lanes best[4];
  largest(p, b, k, x, best);
  for (int v = 0; v < k.vectors; ++v) store(k, &best[v], to + k.out + v * WIDTH);
}

// The gradient of a window goes to its first largest element.
KT_INLINE void visit_max_gradient(kt_pool p, box b, block k, const float *x, const float *gradient,
                                  float *to) {
  lanes best[4], rest[4];
  largest(p, b, k, x, best);
  for (int v = 0; v < k.vectors; ++v) load(k, gradient + k.out + v * WIDTH, &rest[v]);
  FOR_EACH_POSITION(p, b, at)
    for (int v = 0; v < k.vectors; ++v) {
      long place = k.in + at + v * WIDTH;
      lanes next, share;
      load(k, x + place, &next);
      masks is = (next == best[v]) | (next != next);
      share = (lanes)(is & (masks)rest[v]);
      rest[v] = (lanes)(~is & (masks)rest[v]);
      give(p, k, &share, to + place);
    }
}

KT_INLINE void visit_average(kt_pool p, box b, block k, const float *x, const float *gradient,
                             float *to) {
  (void)gradient;
  lanes total[4] = {{0}, {0}, {0}, {0}};
  FOR_EACH_POSITION(p, b, at)
    for (int v = 0; v < k.vectors; ++v) {
      lanes next;
      load(k, x + k.in + at + v * WIDTH, &next);
      total[v] += next;
    }
  float real = (float)(b.planes * b.rows * b.columns);
  for (int v = 0; v < k.vectors; ++v) {
    total[v] /= real;
    store(k, &total[v], to + k.out + v * WIDTH);
  }
}

KT_INLINE void visit_average_gradient(kt_pool p, box b, block k, const float *x,
                                      const float *gradient, float *to) {
  (void)x;
  lanes whole[4];
  float real = (float)(b.planes * b.rows * b.columns);
  for (int v = 0; v < k.vectors; ++v) {
    load(k, gradient + k.out + v * WIDTH, &whole[v]);
    whole[v] /= real;
  }
  FOR_EACH_POSITION(p, b, at)
    for (int v = 0; v < k.vectors; ++v) {
      lanes share = whole[v];
      give(p, k, &share, to + k.in + at + v * WIDTH);
    }
}

KT_CLONES
void kt_max_pool(kt_pool p, kt_pool_part part, const float *x, float *y) {
  visit_windows(p, part, visit_max, x, y, y);
}

KT_CLONES
void kt_max_pool_gradient(kt_pool p, kt_pool_part part, const float *x, const float *gradient,
                          float *to) {
  if (!p.complete) clear(p, part, to);
  visit_windows(p, part, visit_max_gradient, x, gradient, to);
}

KT_CLONES
void kt_average_pool(kt_pool p, kt_pool_part part, const float *x, float *y) {
  visit_windows(p, part, visit_average, x, y, y);
}

KT_CLONES
void kt_average_pool_gradient(kt_pool p, kt_pool_part part, const float *gradient, float *to) {
  if (!p.complete) clear(p, part, to);
  visit_windows(p, part, visit_average_gradient, gradient, gradient, to);
}
