#include "kernels/tables.h"

namespace pbert {

const Kernels& Avx2Kernels() { return ScalarKernels(); }

}  // namespace pbert
