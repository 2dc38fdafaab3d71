// The tile of `products.c` for one set of instructions, which the includer names: KT_TARGET, KT_NAME(x),
// KT_VECTOR with KT_LANES floats, KT_HEIGHT rows, and KT_LOAD, KT_STORE, KT_ZERO, KT_SPREAD, KT_ADD_PRODUCT.

// `rows` is a constant where this is inlined, so that the sums stay in registers.
static inline KT_TARGET __attribute__((always_inline)) void KT_NAME(tile)(
    const int rows, const float *a, long a_row, long a_column, const float *b, long depth, float *c,
    long c_row, int accumulate) {
  KT_VECTOR sums[KT_HEIGHT][2];
  KT_UNROLLED
  for (int i = 0; i < rows; ++i) {
    sums[i][0] = accumulate ? KT_LOAD(c + i * c_row) : KT_ZERO();
    sums[i][1] = accumulate ? KT_LOAD(c + i * c_row + KT_LANES) : KT_ZERO();
  }
  for (long k = 0; k < depth; ++k) {
    KT_VECTOR b0 = KT_LOAD(b + k * KT_PANEL), b1 = KT_LOAD(b + k * KT_PANEL + KT_LANES);
    KT_UNROLLED
    for (int i = 0; i < rows; ++i) {
      KT_VECTOR element = KT_SPREAD(a[i * a_row + k * a_column]);
      sums[i][0] = KT_ADD_PRODUCT(element, b0, sums[i][0]);
      sums[i][1] = KT_ADD_PRODUCT(element, b1, sums[i][1]);
    }
  }
  KT_UNROLLED
  for (int i = 0; i < rows; ++i) {
    KT_STORE(c + i * c_row, sums[i][0]);
    KT_STORE(c + i * c_row + KT_LANES, sums[i][1]);
  }
}

static KT_TARGET void KT_NAME(tile_of)(long rows, const float *a, long a_row, long a_column,
                                       const float *b, long depth, float *c, long c_row,
                                       int accumulate) {
#define KT_CASE(n)                                                             \
  case n:                                                                      \
    KT_NAME(tile)(n, a, a_row, a_column, b, depth, c, c_row, accumulate);      \
    break;
  switch (rows) {
    KT_CASE(1) KT_CASE(2) KT_CASE(3) KT_CASE(4) KT_CASE(5) KT_CASE(6)
#if KT_HEIGHT > 6
    KT_CASE(7) KT_CASE(8) KT_CASE(9) KT_CASE(10) KT_CASE(11) KT_CASE(12) KT_CASE(13) KT_CASE(14)
#endif
  }
#undef KT_CASE
}

// All rows of up to 2 · KT_LANES columns.
static KT_TARGET void KT_NAME(tiles)(long rows, const float *a, long a_row, long a_column,
                                     const float *b, long depth, float *c, long c_row, long width,
                                     int accumulate) {
  enum { columns = 2 * KT_LANES };
  for (long i = 0; i < rows; i += KT_HEIGHT, a += KT_HEIGHT * a_row, c += KT_HEIGHT * c_row) {
    long height = rows - i < KT_HEIGHT ? rows - i : KT_HEIGHT;
    if (width == columns) {
      KT_NAME(tile_of)(height, a, a_row, a_column, b, depth, c, c_row, accumulate);
      continue;
    }
    float edge[KT_HEIGHT * columns] = {0};
    for (long r = 0; accumulate && r < height; ++r)
      for (long j = 0; j < width; ++j) edge[r * columns + j] = c[r * c_row + j];
    KT_NAME(tile_of)(height, a, a_row, a_column, b, depth, edge, columns, accumulate);
    for (long r = 0; r < height; ++r)
      for (long j = 0; j < width; ++j) c[r * c_row + j] = edge[r * columns + j];
  }
}

static KT_TARGET void KT_NAME(product)(const float *a, long a_row, long a_column,
                                       const float *packed, long panel_stride, float *c, long c_row,
                                       long rows, long columns, long depth, int accumulate) {
  for (long k = 0; k < depth || k == 0; k += KT_DEPTH) {
    long part = depth - k < KT_DEPTH ? depth - k : KT_DEPTH;
    for (long j = 0; j < columns; j += 2 * KT_LANES) {
      long width = columns - j < 2 * KT_LANES ? columns - j : 2 * KT_LANES;
      const float *b = packed + j / KT_PANEL * panel_stride + k * KT_PANEL + j % KT_PANEL;
      KT_NAME(tiles)(rows, a + k * a_column, a_row, a_column, b, part, c + j, c_row, width,
                     accumulate || k > 0);
    }
  }
}

// A few rows of the product with a matrix that is not packed: so many sums beside each other that rows of
// it are read in one piece.
static inline KT_TARGET __attribute__((always_inline)) void KT_NAME(wide_tile)(
    const int rows, const int width, const float *a, long a_row, const float *b, long b_row, float *c,
    long c_row, long depth) {
  KT_VECTOR sums[rows][width];
  KT_UNROLLED
  for (int i = 0; i < rows; ++i) {
    KT_UNROLLED
    for (int j = 0; j < width; ++j) sums[i][j] = KT_ZERO();
  }
  for (long k = 0; k < depth; ++k) {
    KT_UNROLLED
    for (int j = 0; j < width; ++j) {
      KT_VECTOR column = KT_LOAD(b + k * b_row + j * KT_LANES);
      KT_UNROLLED
      for (int i = 0; i < rows; ++i)
        sums[i][j] = KT_ADD_PRODUCT(KT_SPREAD(a[i * a_row + k]), column, sums[i][j]);
    }
  }
  KT_UNROLLED
  for (int i = 0; i < rows; ++i) {
    KT_UNROLLED
    for (int j = 0; j < width; ++j) KT_STORE(c + i * c_row + j * KT_LANES, sums[i][j]);
  }
}

#define KT_WIDE(rows, width)                                                                      \
  for (; columns - j >= (width) * KT_LANES; j += (width) * KT_LANES)                              \
    KT_NAME(wide_tile)(rows, width, a, a_row, b + j, b_row, c + j, c_row, depth);

static KT_TARGET void KT_NAME(few_rows)(const float *a, long a_row, const float *b, long b_row,
                                        float *c, long c_row, long rows, long columns, long depth) {
  long j = 0;
  switch (rows) {
    case 1: KT_WIDE(1, KT_LANES) KT_WIDE(1, 4) KT_WIDE(1, 1) break;
    case 2: KT_WIDE(2, KT_LANES / 4) KT_WIDE(2, 1) break;
    case 3: KT_WIDE(3, KT_LANES / 4) KT_WIDE(3, 1) break;
    case 4: KT_WIDE(4, KT_LANES / 4) KT_WIDE(4, 1) break;
  }
  for (long i = 0; i < rows; ++i)
    for (long column = j; column < columns; ++column) {
      float sum = 0;
      for (long k = 0; k < depth; ++k) sum += a[i * a_row + k] * b[k * b_row + column];
      c[i * c_row + column] = sum;
    }
}

static KT_TARGET void KT_NAME(row_product)(const float *a, long a_row, const float *b, long b_row,
                                           float *c, long c_row, long rows, long columns,
                                           long depth) {
  for (long i = 0; i < rows; i += 4)
    KT_NAME(few_rows)(a + i * a_row, a_row, b, b_row, c + i * c_row, c_row,
                      rows - i < 4 ? rows - i : 4, columns, depth);
}

#undef KT_WIDE
#undef KT_TARGET
#undef KT_NAME
#undef KT_VECTOR
#undef KT_LANES
#undef KT_HEIGHT
#undef KT_LOAD
#undef KT_STORE
#undef KT_ZERO
#undef KT_SPREAD
#undef KT_ADD_PRODUCT
