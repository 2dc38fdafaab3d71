#include "ckernels.h"
#include "elementary.h"

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

// cos 2πt and sin 2πt for t in 0 ..< 1: by polynomials within an eighth of a turn, where the nearest
// quarter says which is which and of which sign. Minimax coefficients as in Cephes.
KT_INLINE void turn(float t, float *cosine, float *sine) {
  float quarter = (float)(int32_t)(4.0f * t + 0.5f);
  int32_t q = (int32_t)quarter;
  float x = 6.28318531f * (t - 0.25f * quarter), z = x * x;
  float s = x + x * z * (-1.6666654611e-1f + z * (8.3321608736e-3f - z * 1.9515295891e-4f));
  float c = 1.0f - 0.5f * z
            + z * z * (4.166664568e-2f + z * (-1.388731625e-3f + z * 2.443315712e-5f));
  float first = q & 1 ? s : c, second = q & 1 ? c : s;
  *cosine = (q + 1) & 2 ? -first : first;
  *sine = q & 2 ? -second : second;
}

// Box and Muller 1958: the lengths of 32 vectors and their angles give 64 normal numbers.
KT_INLINE void normal_group(float numbers[64], const uint32_t words[64]) {
  for (int j = 0; j < 32; j++) {
    float u = (float)((int32_t)(words[j] >> 8) + 1) * 0x1p-24f;
    float t = (float)(int32_t)(words[32 + j] >> 8) * 0x1p-24f;
    float radius = kt_sqrt(-2.0f * kt_log(u)), cosine, sine;
    turn(t, &cosine, &sine);
    numbers[j] = radius * cosine;
    numbers[32 + j] = radius * sine;
  }
}

KT_CLONES
void kt_noise(const float *x, float *y, int64_t count, uint32_t counter, uint32_t upper0,
              uint32_t upper1, uint32_t upper2, uint64_t key, float deviation, int is_factor) {
  const uint32_t upper[3] = {upper0, upper1, upper2};
  uint32_t words[64];
  float numbers[64];
  for (int64_t i = 0; i < count; i += 64, counter += 16) {
    int64_t end = count - i < 64 ? count - i : 64;
    random_group(words, counter, upper, key);
    normal_group(numbers, words);
    KT_INDEPENDENT
    for (int64_t j = 0; j < end; j++) {
      float noise = deviation * numbers[j];
      y[i + j] = is_factor ? x[i + j] + x[i + j] * noise : x[i + j] + noise;
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
