// Where select.cc finds the product of each instruction set; see tables.h for why nothing else may be
// visible of their files.
#ifndef POCKETBERT_KERNELS_INT8_PRODUCT_TABLES_H_
#define POCKETBERT_KERNELS_INT8_PRODUCT_TABLES_H_

#include "kernels/int8_product.h"

namespace pbert {

const Int8Product& NeonInt8Product();
const Int8Product& NeonDotInt8Product();
const Int8Product& NeonI8mmInt8Product();
const Int8Product& WasmSimdInt8Product();
const Int8Product& Avx2Int8Product();
const Int8Product& AvxVnniInt8Product();
const Int8Product& Avx512VnniInt8Product();

}  // namespace pbert

#endif  // POCKETBERT_KERNELS_INT8_PRODUCT_TABLES_H_
