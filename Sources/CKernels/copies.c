#include <string.h>

#include "ckernels.h"
#include "elementary.h"

// Elements are moved as bits, so these copy float32 and int32 alike.

// A row-major matrix read by rows, down its columns, or by a repeated element.
KT_CLONES
void kt_copy_rows(const float *from, long row_stride, long column_stride, float *to,
                  long to_stride, long rows, long columns) {
  const uint32_t *source = (const uint32_t *)from;
  uint32_t *target = (uint32_t *)to;
  if (column_stride == 1) {
    for (long row = 0; row < rows; ++row)
      memcpy(target + row * to_stride, source + row * row_stride, (size_t)columns * 4);
  } else if (column_stride == 0) {
    for (long row = 0; row < rows; ++row) {
      uint32_t value = source[row * row_stride];
      for (long i = 0; i < columns; ++i) target[row * to_stride + i] = value;
    }
  } else {
    // In tiles, so that the lines of memory read for one row are still at hand for the next.
    const long tile = 16;
    for (long r = 0; r < rows; r += tile) {
      long last_row = r + tile < rows ? r + tile : rows;
      for (long c = 0; c < columns; c += tile) {
        long last_column = c + tile < columns ? c + tile : columns;
        for (long row = r; row < last_row; ++row)
          for (long column = c; column < last_column; ++column)
            target[row * to_stride + column] = source[row * row_stride + column * column_stride];
      }
    }
  }
}
