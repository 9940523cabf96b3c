// A build that must not use more than some instruction set, so that a large machine can be measured as if
// it were a small one: -DPOCKETBERT_MAX_ISA="avx2".
#ifndef POCKETBERT_KERNELS_MAX_ISA_H_
#define POCKETBERT_KERNELS_MAX_ISA_H_

namespace pbert {

constexpr bool SameText(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

#ifdef POCKETBERT_MAX_ISA
inline constexpr const char* kMaxIsa = POCKETBERT_MAX_ISA;
#else
inline constexpr const char* kMaxIsa = "";
#endif
inline constexpr bool kScalarOnly = SameText(kMaxIsa, "scalar");
inline constexpr bool kNoAvx512 = kScalarOnly || SameText(kMaxIsa, "avx2") || SameText(kMaxIsa, "avxvnni");
inline constexpr bool kNoVnni = kNoAvx512 || SameText(kMaxIsa, "avx512");
static_assert(kNoAvx512 || SameText(kMaxIsa, "") || SameText(kMaxIsa, "avx512") || SameText(kMaxIsa, "avx512vnni") ||
                  SameText(kMaxIsa, "neon"),
              "POCKETBERT_MAX_ISA is none of scalar, neon, avx2, avxvnni, avx512, avx512vnni");

}  // namespace pbert

#endif  // POCKETBERT_KERNELS_MAX_ISA_H_
