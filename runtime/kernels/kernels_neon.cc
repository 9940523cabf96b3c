#include "kernels/tables.h"

namespace pbert {

const Kernels& NeonKernels() { return ScalarKernels(); }

}  // namespace pbert
