#include "ckernels.h"

void kt_blas_single_threaded(void) {
#if !defined(__APPLE__)
  openblas_set_num_threads(1);
#endif
}
