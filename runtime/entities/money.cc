// Amounts of money.
#include "entities/matchers.h"
#include "entities/number_phrase.h"

namespace pbert {
namespace {

struct Currency {
  EntityWord word;
  const char* code;
};
constexpr Currency kNames[] = {{"dollar"_w, "USD"}, {"dollars"_w, "USD"}, {"buck"_w, "USD"},   {"bucks"_w, "USD"},
                               {"euro"_w, "EUR"},   {"euros"_w, "EUR"},   {"pound"_w, "GBP"},  {"pounds"_w, "GBP"},
                               {"quid"_w, "GBP"},   {"yen"_w, "JPY"},     {"rupee"_w, "INR"},  {"rupees"_w, "INR"},
                               {"franc"_w, "CHF"},  {"francs"_w, "CHF"},  {"yuan"_w, "CNY"},   {"peso"_w, "MXN"},
                               {"pesos"_w, "MXN"},  {"rubles"_w, "RUB"},  {"roubles"_w, "RUB"}};
constexpr Currency kDollars[] = {{"us"_w, "USD"}, {"american"_w, "USD"}, {"canadian"_w, "CAD"},
                                 {"ca"_w, "CAD"}, {"c"_w, "CAD"},        {"australian"_w, "AUD"},
                                 {"au"_w, "AUD"}, {"a"_w, "AUD"},        {"nz"_w, "NZD"},
                                 {"hk"_w, "HKD"}, {"s"_w, "SGD"},        {"singapore"_w, "SGD"}};
constexpr Currency kCents[] = {{"cent"_w, "USD"}, {"cents"_w, "USD"}, {"pence"_w, "GBP"}, {"penny"_w, "GBP"}};
// Of ISO 4217: those that are also written in lower case, and those that are not.
constexpr Currency kCodes[] = {{"usd"_w, "USD"}, {"eur"_w, "EUR"}, {"gbp"_w, "GBP"}, {"jpy"_w, "JPY"},
                               {"chf"_w, "CHF"}, {"cad"_w, "CAD"}, {"aud"_w, "AUD"}, {"inr"_w, "INR"}};
constexpr Currency kUpperCodes[] = {{"sek"_w, "SEK"}, {"nok"_w, "NOK"}, {"dkk"_w, "DKK"}, {"pln"_w, "PLN"},
                                    {"czk"_w, "CZK"}, {"huf"_w, "HUF"}, {"cny"_w, "CNY"}, {"nzd"_w, "NZD"},
                                    {"sgd"_w, "SGD"}, {"hkd"_w, "HKD"}, {"mxn"_w, "MXN"}, {"brl"_w, "BRL"},
                                    {"zar"_w, "ZAR"}, {"krw"_w, "KRW"}, {"ils"_w, "ILS"}, {"rub"_w, "RUB"}};
// Behind "5 pounds", where they are a weight.
constexpr EntityWord kOfWeight[] = {"of"_w, "heavy"_w, "heavier"_w, "lighter"_w, "overweight"_w, "per"_w};

template <size_t n>
const char* Find(Tokens& t, size_t at, const Currency (&table)[n]) {
  if (!t.IsWord(at)) return nullptr;
  for (const Currency& row : table) {
    if (row.word == t[at].word) return row.code;
  }
  return nullptr;
}

const char* SignCode(Tokens& t, size_t at) {
  if (t[at].kind != TokenKind::kSign) return nullptr;
  switch (t[at].sign) {
    case '$':
      return "USD";
    case 0xA3:
      return "GBP";
    case 0x20AC:
      return "EUR";
    case 0xA5:
      return "JPY";
    case 0x20B9:
      return "INR";
    case 0x20A9:
      return "KRW";
    case 0x20BD:
      return "RUB";
    default:
      return nullptr;
  }
}

const char* Code(Tokens& t, size_t at, bool any_case) {
  if (!t.IsWord(at)) return nullptr;
  bool upper = true;
  for (const char c : t.Text(at)) upper = upper && c >= 'A' && c <= 'Z';
  if (!upper && !any_case) return nullptr;
  const char* const code = Find(t, at, kCodes);
  return code != nullptr || !upper ? code : Find(t, at, kUpperCodes);
}

// "m", "bn" behind "$5"; ReadNumber() knows the whole words.
void ReadShortScale(Tokens& t, NumberPhrase* number) {
  constexpr WordValue kShort[] = {{"m"_w, 1'000'000},          {"mn"_w, 1'000'000},    {"mm"_w, 1'000'000},
                                  {"mil"_w, 1'000'000},        {"b"_w, 1'000'000'000}, {"bn"_w, 1'000'000'000},
                                  {"tn"_w, 1'000'000'000'000}, {"k"_w, 1000}};
  if (number->in_words || !t.IsWord(number->next)) return;
  const WordValue* const row = FindWord(kShort, t[number->next].word);
  if (row == nullptr || (!t.IsGlued(number->next) && t.Length(number->next) < 2)) return;
  if (number->value.Multiply(row->value)) ++number->next;
}

// "19,99" and "1.000,50" are how prices are written where the comma begins decimals.
bool ReadPrice(Tokens& t, size_t at, NumberPhrase* number) {
  if (!ReadNumber(t, at, number)) return false;
  const size_t comma = number->next;
  const bool cents = t.IsSign(comma, ',') && t.IsGlued(comma) && t.IsGlued(comma + 1) && t.IsDigits(comma + 1) &&
                     t.Length(comma + 1) == 2;
  const bool whole = comma == at + 1, grouped = comma == at + 3 && t.Length(at + 2) == 3 && t.IsSign(at + 1, '.');
  if (!cents || !t.IsDigits(at) || (!whole && !grouped)) return true;
  Decimal value = {number->value.units, 0};
  if (value.Add({t.Digits(comma + 1), 2})) {
    number->value = value;
    number->next = comma + 2;
  }
  return true;
}

// "$5", "US$ 12.50", "EUR 3", "-£4m".
bool ReadSigned(Tokens& t, size_t at, NumberPhrase* number, const char** code) {
  const bool minus = (t.IsSign(at, '-') || t.IsSign(at, 0x2212)) && t.IsGlued(at + 1) && !t.IsGlued(at);
  size_t place = at + (minus ? 1 : 0);
  *code = SignCode(t, place);
  if (*code == nullptr && t.IsSign(place + 1, '$') && t.IsGlued(place + 1)) {
    *code = Find(t, place, kDollars);
    if (*code != nullptr) ++place;
  }
  if (*code == nullptr) *code = Code(t, place, false);
  ++place;
  if (*code == nullptr || (!t.IsDigits(place) && !t.IsSign(place, '.')) || !ReadPrice(t, place, number)) return false;
  ReadShortScale(t, number);
  if (const char* const named = Code(t, number->next, false); named != nullptr && t.IsSign(place - 1, '$')) {
    *code = named;  // "$5 CAD"
    ++number->next;
  }
  if (minus) number->value.units = -number->value.units;
  return true;
}

// "fifty cents".
bool ReadCents(Tokens& t, size_t at, NumberPhrase* number, const char** code) {
  if (!ReadNumber(t, at, number) || number->value.scale + 2 > Decimal::kMostScale) return false;
  const size_t place = number->next;
  *code = Find(t, place, kCents);
  if (*code == nullptr && t.IsSign(place, 0xA2)) *code = "USD";
  if (*code == nullptr && t.IsWord(place, "p"_w) && t.IsGlued(place) && !number->in_words) *code = "GBP";
  if (*code == nullptr) return false;
  number->value.scale += 2;
  number->next = place + 1;
  return true;
}

// "5 dollars", "twenty-euro", "12.50 USD", "20€", "a pound".
bool ReadNamed(Tokens& t, size_t at, NumberPhrase* number, const char** code) {
  const bool article = t.IsWord(at, "a"_w) && Find(t, at + 1, kNames) != nullptr;
  if (article) {
    *number = {.value = {1, 0}, .next = at + 1, .in_words = true};
  } else if (!ReadPrice(t, at, number)) {
    return false;
  }
  const char* const short_scale_code = t.IsDigits(at) ? SignCode(t, number->next + 1) : nullptr;
  if (short_scale_code != nullptr) ReadShortScale(t, number);  // "5m€"
  size_t place = number->next;
  if (t.IsHyphen(place) && t.IsGlued(place + 1)) ++place;
  if (const char* const dollars = Find(t, place, kDollars);
      dollars != nullptr && (t.IsWord(place + 1, "dollars"_w) || t.IsWord(place + 1, "dollar"_w))) {
    *code = dollars;
    number->next = place + 2;
    return true;
  }
  *code = Find(t, place, kNames);
  if (*code != nullptr) {
    const bool weight = t.IsWord(place, "pounds"_w) || t.IsWord(place, "pound"_w);
    if (weight && (t.IsWord(place + 1, kOfWeight) || t.IsWord(place + 2, "ounces"_w))) return false;
    number->next = place + 1;
    NumberPhrase cents;
    const char* cents_code = nullptr;
    const size_t rest = place + (t.IsWord(place + 1, "and"_w) ? 2 : 1);
    if (ReadCents(t, rest, &cents, &cents_code) && cents.value.units > 0 && cents.value.Whole() == 0) {
      if (number->value.Add(cents.value)) number->next = cents.next;
    }
    return true;
  }
  if (place == number->next) *code = SignCode(t, place);
  // "20 $5": the sign is the next amount's.
  if (*code != nullptr && t.IsGlued(place + 1) && t.IsDigits(place + 1)) return false;
  if (*code == nullptr && place == number->next) *code = Code(t, place, true);
  number->next = place + 1;
  return *code != nullptr;
}

}  // namespace

bool MatchMoney(Tokens& t, size_t at, const EntityOptions&, EntityMatch* match) {
  NumberPhrase number;
  const char* code = nullptr;
  if (!t.CanBegin(at)) return false;
  if (!ReadSigned(t, at, &number, &code) && !ReadNamed(t, at, &number, &code) && !ReadCents(t, at, &number, &code)) {
    return false;
  }
  if (!t.CanEnd(number.next)) return false;
  ValueWriter value(&match->entity);
  value.Put(number.value, 2);
  value.Put(" ");
  value.Put(code);
  EndMatch(t, EntityKind::kMoney, number.next, match);
  return true;
}

}  // namespace pbert
