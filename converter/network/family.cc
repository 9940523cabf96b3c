#include "converter/network/family.h"

namespace pbert {

std::span<const Family> Families() {
  static const Family kFamilies[] = {Albert(), Bert(), Camembert(), DistilBert(), Electra(), Roberta(), XlmRoberta()};
  return kFamilies;
}

}  // namespace pbert
