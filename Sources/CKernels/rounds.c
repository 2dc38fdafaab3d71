// Rounds of a job that wait for one another: too short to wake threads for each, too many to do alone.
#include "ckernels.h"

#include <sched.h>
#include <stdatomic.h>

enum { MOST_PARTS = 16, PATIENCE = 1 << 14 };

// Each on a cache line of its own, as others look at it all the time.
typedef struct {
  _Alignas(64) atomic_long joined;
  // The first round that it takes part in; -1 before it is told.
  atomic_long first;
  // How many rounds it has done or was not in.
  _Alignas(64) atomic_long finished;
} helper;

typedef struct {
  long count, parts;
  void (*share)(void *context, long round, long part);
  void (*whole)(void *context, long round);
  void *context;
  // Rounds that have begun; past the last of them when all is over.
  _Alignas(64) atomic_long begun;
  helper helpers[MOST_PARTS];
} rounds;

static inline void pause_briefly(long i) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
  if (i % PATIENCE == PATIENCE - 1) sched_yield();
}

static void lead(rounds *r) {
  int takes_part[MOST_PARTS] = {0};
  for (long round = 0; round < r->count; ++round) {
    for (long part = 1; part < r->parts; ++part) {
      if (takes_part[part] || !atomic_load_explicit(&r->helpers[part].joined, memory_order_acquire))
        continue;
      takes_part[part] = 1;
      atomic_store_explicit(&r->helpers[part].first, round, memory_order_release);
    }
    atomic_store_explicit(&r->begun, round + 1, memory_order_release);
    r->share(r->context, round, 0);
    // Nobody is waited for who has not come yet.
    for (long part = 1; part < r->parts; ++part)
      if (!takes_part[part]) r->share(r->context, round, part);
    for (long part = 1; part < r->parts; ++part)
      for (long i = 0; takes_part[part] && atomic_load_explicit(&r->helpers[part].finished,
                                                                memory_order_acquire) <= round;
           ++i)
        pause_briefly(i);
    r->whole(r->context, round);
  }
  atomic_store_explicit(&r->begun, r->count + 1, memory_order_release);
}

static void help(rounds *r, long part) {
  helper *own = &r->helpers[part];
  atomic_store_explicit(&own->joined, 1, memory_order_release);
  long round = -1;
  for (long i = 0; (round = atomic_load_explicit(&own->first, memory_order_acquire)) < 0; ++i) {
    if (atomic_load_explicit(&r->begun, memory_order_acquire) > r->count) return;
    pause_briefly(i);
  }
  for (; round < r->count; ++round) {
    for (long i = 0; atomic_load_explicit(&r->begun, memory_order_acquire) <= round; ++i)
      pause_briefly(i);
    r->share(r->context, round, part);
    atomic_store_explicit(&own->finished, round + 1, memory_order_release);
  }
}

static void run_part(void *context, long part, long thread) {
  (void)thread;
  if (part == 0)
    lead(context);
  else
    help(context, part);
}

void kt_rounds(long count, long parts, void (*share)(void *context, long round, long part),
               void (*whole)(void *context, long round), void *context) {
  parts = parts < MOST_PARTS ? parts : MOST_PARTS;
  rounds r = {.count = count, .parts = parts, .share = share, .whole = whole, .context = context};
  for (long part = 0; part < parts; ++part) atomic_init(&r.helpers[part].first, -1);
  kt_parallel(parts, parts, run_part, &r);
}
