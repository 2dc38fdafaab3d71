// Counts what the process allocates, in this program alone: it has malloc and its kin of its own.
#pragma once

#include <stdint.h>

struct kb_allocations {
  int64_t count;
  int64_t bytes;
  int64_t largest;
};

// Since the last call, over all threads.
struct kb_allocations kb_take_allocations(void);
