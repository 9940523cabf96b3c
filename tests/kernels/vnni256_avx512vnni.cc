// The algorithm of int8_product_avxvnni.cc by AVX512VL's encoding of the instruction, to be tested on processors that
// have that one and no AVX-VNNI (Zen 4 for one). qemu-user emulates neither.
#include "kernels/int8_product_vnni256_impl.h"
#include "tests/kernels/vnni256.h"

namespace pbert::test {
namespace {

struct Avx512VlVnni {
  static constexpr const char* kName = "avxvnni as avx512vl";
  static PBERT_INLINE __m256i Accumulate(__m256i sum, __m256i unsigned_bytes, __m256i signed_bytes) {
    __asm__("%{evex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(unsigned_bytes), "x"(signed_bytes));
    return sum;
  }
};

}  // namespace

const Int8Product& Vnni256Int8Product() { return vnni256::kProduct<Avx512VlVnni>; }

}  // namespace pbert::test
