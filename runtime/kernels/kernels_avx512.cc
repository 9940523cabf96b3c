#include "kernels/tables.h"

namespace pbert {

const Kernels& Avx512Kernels() { return ScalarKernels(); }

}  // namespace pbert
