#include "converter/check/sample_texts.h"

namespace pbert::converter {

std::span<const std::string_view> SampleTexts() {
  static constexpr std::string_view kTexts[] = {
      // What people ask of a device.
      "wake me at half past six tomorrow",
      "what is the weather like in Lisbon this weekend",
      "please move forty dollars from checking to savings",
      "how do i get to the nearest petrol station",
      "turn the volume down a little",
      "remind me to call my sister when i get home",
      "is my flight to oslo on time",
      "book a table for two at eight near the river",
      "what's on my calendar for thursday afternoon",
      "can you tell me how many grams are in an ounce",
      "i lost my card, freeze the account now!",
      "stop",
      "play something quiet",
      "which planet has the most moons?",
      "how long should I boil an egg",
      "translate good evening into japanese",
      // Statements, opinions, odd spelling.
      "The plot wanders, but the two leads are a joy to watch.",
      "I have never been so bored in my life.",
      "Not bad at all - I'd go again.",
      "The parcel arrived three days late and the box was open.",
      "ok thx c u l8r",
      "WHY IS EVERYTHING IN CAPITALS TODAY",
      "unbelievably counterintuitive electroencephalographically",
      "Dr. O'Neill-Smith (aged 47) paid $1,299.95 on 3/14/2019 via https://example.com/pay?id=42&x=%20.",
      "def f(x): return x ** 2 + 1  # not quite prose",
      "1 2 3 4 5 6 7 8 9 10",
      // Other languages and scripts.
      "Können Sie mir bitte sagen, wann der nächste Zug nach Köln fährt?",
      "Où est la gare, s'il vous plaît ?",
      "¿Cuánto cuesta el menú del día?",
      "Příliš žluťoučký kůň úpěl ďábelské ódy",
      "Сколько времени осталось до начала фильма?",
      "明日の東京の天気はどうですか",
      "请帮我订一张去上海的火车票",
      "오늘 저녁에 뭐 먹을까?",
      "متى يفتح المتحف غدا؟",
      "happy birthday 🎉🎂 see you at 🏠 later 👍🏽",
      // One word, one sign, nothing.
      "hello",
      "?",
      "",
      // Long ones.
      "When we moved into the house at the end of the lane, the garden had not been touched for years, and it took "
      "us most of the first summer to find out that under the brambles there was a path, that the path led to a small "
      "gate, and that behind the gate somebody had once kept bees; the hives were empty of course, grey and soft with "
      "rain, but my father, who had never shown the slightest interest in insects of any kind, stood in front of them "
      "for a long time, went indoors without a word, and came back from town the next day with a book, a hat and a "
      "box that hummed.",
      "I am writing about the invoice that I received last week, because it lists two months of a service which I "
      "cancelled in spring. I have the confirmation of that cancellation in front of me, and I have also spoken to one "
      "of your colleagues on the phone, who promised that the amount would be taken off. Please correct the invoice, "
      "send me the new one by mail, and tell me until when I should pay the rest of it. If anything is still missing "
      "on my side, I would be grateful for a short call, any day after four in the afternoon.",
  };
  return kTexts;
}

}  // namespace pbert::converter
