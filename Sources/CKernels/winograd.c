// Convolutions of size 3 by Winograd's F(4, 3): four outputs from six products where the definition takes
// twelve (Lavin and Gray, arXiv:1509.09308; points 0, ±1, ±2, ∞). Differences come first in each sum, so that
// equal input rows give exact zeros. In two dimensions F(2, 3) with the points 0, ±1, ∞ goes along the other
// axis: two rows of outputs from four rows of products, where the definition takes six.
#include "ckernels.h"

enum { PANEL = 32 };

KT_CLONES
void kt_winograd_kernel(const float *kernel, long channels, long filters, long first_panel,
                        long end_panel, float *packed, long matrix_count) {
  for (long panel = first_panel; panel < end_panel; ++panel) {
    long first = panel * PANEL, width = filters - first < PANEL ? filters - first : PANEL;
    for (long c = 0; c < channels; ++c) {
      const float *g0 = kernel + c * filters + first, *g1 = g0 + channels * filters,
                  *g2 = g1 + channels * filters;
      float *to = packed + (panel * channels + c) * PANEL;
      for (long j = 0; j < PANEL; ++j) {
        float a = j < width ? g0[j] : 0, b = j < width ? g1[j] : 0, e = j < width ? g2[j] : 0;
        float even = (a + e) * (-1 / 6.0f), odd = b * (1 / 6.0f);
        float far = a * (1 / 24.0f) + e * (1 / 6.0f), half = b * (1 / 12.0f);
        to[j] = a * 0.25f;
        to[matrix_count + j] = even - odd;
        to[2 * matrix_count + j] = even + odd;
        to[3 * matrix_count + j] = far + half;
        to[4 * matrix_count + j] = far - half;
        to[5 * matrix_count + j] = e;
      }
    }
  }
}

KT_CLONES
void kt_winograd_input(const float *input, long length, long leading, long channels,
                       const float *zeros, long tiles, float *output, long matrix) {
  for (long t = 0; t < tiles; ++t) {
    const float *rows[6];
    for (long i = 0; i < 6; ++i) {
      long position = t * 4 + i - leading;
      rows[i] = position >= 0 && position < length ? input + position * channels : zeros;
    }
    float *to = output + t * channels;
    KT_INDEPENDENT
    for (long c = 0; c < channels; ++c) {
      float d0 = rows[0][c], d1 = rows[1][c], d2 = rows[2][c], d3 = rows[3][c], d4 = rows[4][c],
            d5 = rows[5][c];
      to[c] = (d0 - d2) * 4 - (d2 - d4);
      to[matrix + c] = (d3 + d4) - (d1 + d2) * 4;
      to[2 * matrix + c] = (d1 - d2) * 4 + (d4 - d3);
      to[3 * matrix + c] = (d3 - d1) * 2 + (d4 - d2);
      to[4 * matrix + c] = (d4 - d2) - (d3 - d1) * 2;
      to[5 * matrix + c] = (d1 - d3) * 4 - (d3 - d5);
    }
  }
}

KT_CLONES
void kt_winograd_output(const float *products, long tiles, long width, long windows, float *output,
                        long stride, long matrix) {
  for (long t = 0; t < tiles; ++t) {
    const float *m = products + t * PANEL;
    float rows[4][PANEL];
    for (long j = 0; j < PANEL; ++j) {
      float m1 = m[matrix + j], m2 = m[2 * matrix + j], m3 = m[3 * matrix + j],
            m4 = m[4 * matrix + j];
      float near = m1 + m2, nearer = m1 - m2, far = m3 + m4, farther = m3 - m4;
      rows[0][j] = m[j] + near + far;
      rows[1][j] = nearer + farther * 2;
      rows[2][j] = near + far * 4;
      rows[3][j] = nearer + farther * 8 + m[5 * matrix + j];
    }
    for (long i = 0; i < 4 && t * 4 + i < windows; ++i)
      for (long j = 0; j < width; ++j) output[(t * 4 + i) * stride + j] = rows[i][j];
  }
}

KT_CLONES
void kt_winograd_kernel_rows(const float *kernel, long count, float *rows) {
  const float *g0 = kernel, *g1 = kernel + count, *g2 = kernel + 2 * count;
  for (long i = 0; i < count; ++i) {
    float even = (g0[i] + g2[i]) * 0.5f, odd = g1[i] * 0.5f;
    rows[i] = g0[i];
    rows[count + i] = even + odd;
    rows[2 * count + i] = even - odd;
    rows[3 * count + i] = g2[i];
  }
}

KT_CLONES
void kt_winograd_input_rows(const float *d0, const float *d1, const float *d2, const float *d3,
                            long count, float *restrict rows) {
  float *restrict r0 = rows, *restrict r1 = r0 + count, *restrict r2 = r1 + count,
                  *restrict r3 = r2 + count;
  for (long i = 0; i < count; ++i) {
    r0[i] = d0[i] - d2[i];
    r1[i] = d1[i] + d2[i];
    r2[i] = d2[i] - d1[i];
    r3[i] = d1[i] - d3[i];
  }
}

KT_CLONES
void kt_winograd_output_rows(const float *products, long count, float *restrict first,
                             float *restrict second) {
  const float *m0 = products, *m1 = m0 + count, *m2 = m1 + count, *m3 = m2 + count;
  for (long i = 0; i < count; ++i) {
    first[i] = m0[i] + m1[i] + m2[i];
    second[i] = m1[i] - m2[i] - m3[i];
  }
}
