// The largest element of each column, a block of rows after the other.
#include "ckernels.h"

KT_CLONES
void kt_take_maxima(const float *restrict rows, long count, long width, float *restrict maximum) {
  for (long i = 0; i < count; ++i) {
    const float *row = rows + i * width;
    for (long j = 0; j < width; ++j) {
      // A NaN wins and stays: it must not be hidden by the numbers around it.
      int wins = (row[j] > maximum[j]) | (row[j] != row[j]);
      maximum[j] = wins ? row[j] : maximum[j];
    }
  }
}
