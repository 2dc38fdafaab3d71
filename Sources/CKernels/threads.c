// Threads that share the parts of one job: started once, kept near, asleep when there is nothing to do.
//
// A training step is some fifty short jobs. A sleeping thread takes tens of microseconds to wake, so each
// looks out for the next job for a while before it sleeps.
#include "ckernels.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#if defined(__APPLE__)
#include <pthread/qos.h>
#endif

enum {
  MOST_PARTS = 1024,
  WORD = 64,
  // Looks at the next job before a thread sleeps: some 50 to 100 microseconds.
  PATIENCE = 1 << 12,
};

// One caller at a time; who finds it taken does all parts alone.
static atomic_flag is_taken = ATOMIC_FLAG_INIT;

// The job. Written by the caller before `number` moves, and not again before every worker has left it.
static struct {
  void (*body)(void *, long, long);
  void *context;
  long parts, threads;
  _Atomic uint64_t claimed[MOST_PARTS / WORD];
  atomic_long unfinished;
  // Workers that are inside the job, or may be.
  atomic_long present;
} job;

// Which job is out; workers wait for it to move.
static atomic_ulong number;
static atomic_long asleep;
static long workers;
static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t knock = PTHREAD_COND_INITIALIZER;

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static bool claim(long part) {
  uint64_t bit = (uint64_t)1 << (part % WORD);
  return (atomic_fetch_or(&job.claimed[part / WORD], bit) & bit) == 0;
}

// Does the thread's own share first, since what it did in the last job is in its cache; then what others
// have not begun, since they may be slower or busy elsewhere.
static void work(long thread) {
  long first = job.parts * thread / job.threads;
  for (long i = 0; i < job.parts; ++i) {
    long part = (first + i) % job.parts;
    if (!claim(part)) continue;
    job.body(job.context, part, thread);
    atomic_fetch_sub(&job.unfinished, 1);
  }
}

static unsigned long next_job(unsigned long seen) {
  for (int i = 0; i < PATIENCE; ++i) {
    unsigned long now = atomic_load(&number);
    if (now != seen) return now;
    pause_briefly();
  }
  pthread_mutex_lock(&door);
  atomic_fetch_add(&asleep, 1);
  while (atomic_load(&number) == seen) pthread_cond_wait(&knock, &door);
  atomic_fetch_sub(&asleep, 1);
  pthread_mutex_unlock(&door);
  return atomic_load(&number);
}

// Odd numbers are jobs, even ones the time between them.
static void *worker(void *index) {
  long own = (long)(intptr_t)index;
  unsigned long seen = 0;
  kt_flush_denormals();
#if defined(__APPLE__)
  pthread_set_qos_class_self_np(QOS_CLASS_USER_INITIATED, 0);
#endif
  for (;;) {
    seen = next_job(seen);
    atomic_fetch_add(&job.present, 1);
    // The caller waits for those who came in before it closed the job, and for nobody else.
    if (seen % 2 == 1 && atomic_load(&number) == seen && own < job.threads) work(own);
    atomic_fetch_sub(&job.present, 1);
  }
  return NULL;
}

static void start_workers(long count) {
  while (workers < count) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, worker, (void *)(intptr_t)(workers + 1)) != 0) return;
    pthread_detach(thread);
    ++workers;
  }
}

static void announce(void) {
  atomic_fetch_add(&number, 1);
  if (atomic_load(&asleep) == 0) return;
  pthread_mutex_lock(&door);
  pthread_cond_broadcast(&knock);
  pthread_mutex_unlock(&door);
}

static void wait_for_none(atomic_long *count) {
  for (long i = 0; atomic_load(count) != 0; ++i) {
    pause_briefly();
    if (i % PATIENCE == PATIENCE - 1) sched_yield();
  }
}

void kt_parallel(long parts, long threads, void (*body)(void *context, long part, long thread),
                 void *context) {
  threads = threads < parts ? threads : parts;
  if (threads < 2 || parts > MOST_PARTS || atomic_flag_test_and_set(&is_taken)) {
    for (long part = 0; part < parts; ++part) body(context, part, 0);
    return;
  }
  start_workers(threads - 1);
  job.body = body;
  job.context = context;
  job.parts = parts;
  job.threads = threads;
  for (long i = 0; i * WORD < parts; ++i) atomic_store(&job.claimed[i], 0);
  atomic_store(&job.unfinished, parts);
  announce();
  work(0);
  wait_for_none(&job.unfinished);
  // Close the job, then see everyone out before its description changes.
  atomic_fetch_add(&number, 1);
  wait_for_none(&job.present);
  atomic_flag_clear(&is_taken);
}
