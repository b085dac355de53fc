// The random numbers of internal/philox, bit for bit: block i of a step is a function of
// a key and i, whoever asks for it.
//
// Source: Salmon, Moraes, Dror, Shaw, Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011,
// https://doi.org/10.1145/2063384.2063405.
#pragma once
#include "device.h"

struct Block128 {
  u32 x, y, z, w;
};

// A stream is a key and a step, as the host writes them into the first four words that a
// kernel reads.
struct Stream {
  u32 key0, key1, step0, step1;
};

DEVICE Stream stream_of(const u32* words) { return {words[0], words[1], words[2], words[3]}; }

template <int rounds>
DEVICE Block128 philox(const Stream& s, u64 i) {
  u32 a = (u32)i, b = (u32)(i >> 32), c = s.step0, d = s.step1, k0 = s.key0, k1 = s.key1;
  for (int r = 0; r < rounds; r++) {
    u64 p = (u64)0xD2511F53u * a, q = (u64)0xCD9E8D57u * c;
    a = (u32)(q >> 32) ^ b ^ k0, b = (u32)q;
    c = (u32)(p >> 32) ^ d ^ k1, d = (u32)p;
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  return {a, b, c, d};
}

DEVICE Block128 philox_block(const Stream& s, u64 i) { return philox<10>(s, i); }
DEVICE Block128 philox_short(const Stream& s, u64 i) { return philox<7>(s, i); }

// Halves are the half-words of four elements, the low half of a first.
struct Halves {
  u32 a, b;
};

// halves_of takes from the block of element e, a multiple of 4, what belongs to e and the
// three after it. Another thread computes the same block for the other four: that way a
// warp reads and writes whole lines, and even so the arithmetic takes less time than memory.
DEVICE Halves halves_of(const Block128& b, i64 e) { return e & 4 ? Halves{b.z, b.w} : Halves{b.x, b.y}; }

// half returns the half-word of one of the four.
DEVICE u32 half(const Halves& h, int i) { return (i < 2 ? h.a : h.b) >> (i & 1) * 16 & 0xffff; }

// unit is a word as a number in (0, 1), exactly.
DEVICE double unit(u32 word) { return ((double)word + 0.5) * 0x1p-32; }

// A mask is read from words: a stream, the threshold, and the factor of what is kept. An
// element is kept if its half-word is at least the threshold.
struct Mask {
  Stream stream;
  u32 threshold;
  float scale;
};

DEVICE Mask mask_of(const u32* words) { return {stream_of(words), words[4], of_bits(words[5])}; }

// kept4 returns which of the four elements from e on are kept.
struct Kept {
  bool v[4];
};

DEVICE Kept kept4(const Mask& m, i64 e) {
  Halves h = halves_of(philox_block(m.stream, (u64)e / 8), e);
  Kept k;
  for (int i = 0; i < 4; i++) k.v[i] = half(h, i) >= m.threshold;
  return k;
}

// kept is the same for one element.
DEVICE bool kept(const Mask& m, i64 e) {
  return half(halves_of(philox_block(m.stream, (u64)e / 8), e), (int)(e & 3)) >= m.threshold;
}
