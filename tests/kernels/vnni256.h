// See vnni256_avx512vnni.cc.
#ifndef POCKETBERT_TESTS_KERNELS_VNNI256_H_
#define POCKETBERT_TESTS_KERNELS_VNNI256_H_

#include "kernels/int8_product.h"

namespace pbert::test {

// To be called where the CPU has AVX512VL and AVX512-VNNI.
const Int8Product& Vnni256Int8Product();

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_KERNELS_VNNI256_H_
