#include "ckernels.h"

// One group of the random stream: 16 counters from `counter` on, one Philox-4x32-7 block each
// (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Word w of counter lane l
// goes to place 16 w + l, so that every loop runs over neighbours. The 32-bit words stand in 64-bit
// lanes because the processors multiply 32 by 32 to 64 bits there.
static inline __attribute__((always_inline)) void random_group(
    uint32_t words[64], uint32_t counter, const uint32_t upper[3], uint64_t key) {
  for (int lane = 0; lane < 16; lane++) {
    uint64_t c0 = (uint32_t)(counter + (uint32_t)lane), c1 = upper[0], c2 = upper[1], c3 = upper[2];
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    _Pragma("clang loop unroll(full)")
    for (int round = 0; round < 7; round++) {
      uint64_t p0 = c0 * 0xD2511F53u, p1 = c2 * 0xCD9E8D57u;
      c0 = (p1 >> 32) ^ c1 ^ k0;
      c1 = (uint32_t)p1;
      c2 = (p0 >> 32) ^ c3 ^ k1;
      c3 = (uint32_t)p0;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    words[lane] = (uint32_t)c0;
    words[16 + lane] = (uint32_t)c1;
    words[32 + lane] = (uint32_t)c2;
    words[48 + lane] = (uint32_t)c3;
  }
}

KT_CLONES
void kt_dropout(
    const float *x, float *y, int64_t count, uint32_t counter, uint32_t upper0, uint32_t upper1,
    uint32_t upper2, uint64_t key, uint32_t threshold, float scale) {
  const uint32_t upper[3] = {upper0, upper1, upper2};
  uint32_t words[64];
  int64_t i = 0;
  for (; i + 64 <= count; i += 64, counter += 16) {
    random_group(words, counter, upper, key);
    KT_INDEPENDENT
    for (int j = 0; j < 64; j++) y[i + j] = words[j] < threshold ? 0.0f : x[i + j] * scale;
  }
  if (i < count) {
    random_group(words, counter, upper, key);
    for (int j = 0; i + j < count; j++) {
      y[i + j] = words[j] < threshold ? 0.0f : x[i + j] * scale;
    }
  }
}

KT_CLONES
void kt_apply_mask(const float *x, const float *mask, float *y, int64_t count) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) y[i] = mask[i] == 0.0f ? 0.0f : x[i] * mask[i];
}

KT_CLONES
void kt_apply_mask_value(const float *x, float mask, float *y, int64_t count) {
  KT_INDEPENDENT
  for (int64_t i = 0; i < count; i++) y[i] = mask == 0.0f ? 0.0f : x[i] * mask;
}
