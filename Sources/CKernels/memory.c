// Memory for the kernels: zero at first, aligned to a cache line, large pieces in large pages.
#if defined(__linux__)
#define _GNU_SOURCE  // madvise
#endif
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "ckernels.h"

// A page of 2 MiB costs one fault, and one entry of the translation buffer, where small ones cost 512. What is
// left at the end stays in small pages, of at most 64 KiB anywhere.
enum { LARGE_PAGE = 1 << 21, SMALL_PAGE = 1 << 16 };

static size_t rounded(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

void *kt_allocate(size_t bytes, size_t alignment) {
  if (bytes < LARGE_PAGE) {
    void *small = NULL;
    if (posix_memalign(&small, alignment, bytes) != 0) return NULL;
    return memset(small, 0, bytes);
  }
  // Pages come zeroed, and only when they are touched.
  size_t size = rounded(bytes, SMALL_PAGE), room = size + LARGE_PAGE;
  char *start = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return NULL;
  size_t before = rounded((size_t)start, LARGE_PAGE) - (size_t)start;
  if (before > 0) munmap(start, before);
  if (LARGE_PAGE - before > 0) munmap(start + before + size, LARGE_PAGE - before);
#if defined(MADV_HUGEPAGE)
  madvise(start + before, size, MADV_HUGEPAGE);
#endif
  return start + before;
}

void kt_release(void *memory, size_t bytes) {
  if (bytes < LARGE_PAGE)
    free(memory);
  else
    munmap(memory, rounded(bytes, SMALL_PAGE));
}
