// Numbers below 1.2e-38 count as zero while a program runs, as in TensorFlow and XLA: processors take up
// to a hundred times as long with them, and a momentum that decays ends there for good.
#include "ckernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Flush-to-zero and denormals-are-zero of MXCSR.
enum { FLUSH = 0x8040 };

unsigned long kt_flush_denormals(void) {
  unsigned int before = _mm_getcsr();
  _mm_setcsr(before | FLUSH);
  return before;
}

void kt_restore_denormals(unsigned long before) { _mm_setcsr((unsigned int)before); }

#elif defined(__aarch64__)

// FZ of FPCR.
unsigned long kt_flush_denormals(void) {
  unsigned long before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" : : "r"(before | (1ul << 24)));
  return before;
}

void kt_restore_denormals(unsigned long before) {
  __asm__ volatile("msr fpcr, %0" : : "r"(before));
}

#else

unsigned long kt_flush_denormals(void) { return 0; }
void kt_restore_denormals(unsigned long before) { (void)before; }

#endif
