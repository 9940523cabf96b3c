// int8 products with AVX-VNNI: what processors have that do without AVX512 (Intel's from Alder Lake on).
#include "kernels/int8_product_tables.h"
#include "kernels/int8_product_vnni256_impl.h"

namespace pbert {
namespace {

struct AvxVnni {
  static constexpr const char* kName = "avxvnni";
  // In place: by its intrinsic, _mm256_dpbusd_avx_epi32, g++ 12 puts the result into another register and spills.
  static PBERT_INLINE __m256i Accumulate(__m256i sum, __m256i unsigned_bytes, __m256i signed_bytes) {
    __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(unsigned_bytes), "x"(signed_bytes));
    return sum;
  }
};

}  // namespace

const Int8Product& AvxVnniInt8Product() { return vnni256::kProduct<AvxVnni>; }

}  // namespace pbert
