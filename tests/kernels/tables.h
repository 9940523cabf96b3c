// The tables that this build has and this CPU can run.
#ifndef POCKETBERT_TESTS_KERNELS_TABLES_H_
#define POCKETBERT_TESTS_KERNELS_TABLES_H_

#include <vector>

#include "kernels/kernels.h"

namespace pbert::test {

inline std::vector<const Kernels*> VectorTables() {
  std::vector<const Kernels*> tables;
  for (const Isa isa : {Isa::kNeon, Isa::kAvx2, Isa::kAvx512, Isa::kWasmSimd, Isa::kPortable}) {
    if (const Kernels* kernels = KernelsFor(isa); kernels != nullptr) tables.push_back(kernels);
  }
  return tables;
}

inline std::vector<const Kernels*> AllTables() {
  std::vector<const Kernels*> tables = VectorTables();
  tables.insert(tables.begin(), &ScalarKernels());
  return tables;
}

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_KERNELS_TABLES_H_
