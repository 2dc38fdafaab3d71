#include "allocations.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

static _Atomic int64_t count, bytes, largest;

struct kb_allocations kb_take_allocations(void) {
  return (struct kb_allocations){
      atomic_exchange(&count, 0), atomic_exchange(&bytes, 0), atomic_exchange(&largest, 0)};
}

#if defined(__linux__)
// A symbol of the program goes before the same of a library, so every library calls these. They
// count, and hand on to glibc under the names that it exports for this use.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static void add(size_t size) {
  atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&bytes, (int64_t)size, memory_order_relaxed);
  int64_t before = atomic_load_explicit(&largest, memory_order_relaxed);
  while ((int64_t)size > before && !atomic_compare_exchange_weak(&largest, &before, (int64_t)size))
    ;
}

void *malloc(size_t size) {
  add(size);
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  add(number * size);
  return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
  add(size);
  return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
  add(size);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
  void *memory = memalign(alignment, size);
  if (!memory) return ENOMEM;
  *result = memory;
  return 0;
}
#endif
