#include "converter/network/family.h"

namespace pbert::converter {

std::span<const Family> Families() {
  static const Family kFamilies[] = {Albert(), Bert(), Camembert(), DistilBert(), Electra(), Roberta(), XlmRoberta()};
  return kFamilies;
}

}  // namespace pbert::converter
