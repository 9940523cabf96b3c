#include "text/bert_normalizer.h"

#include <bit>

namespace pbert {

using unicode::Record;
using unicode::RecordOf;

void BertNormalizer::Begin(uint32_t) {
  cjk_next_ = Cjk::kNone;
  decomposed_ = lowered_ = Rest();
  in_run_ = pending_ = false;
}

bool BertNormalizer::Next(TextChar* c) {
  if (pending_) return NextSlowly(c);
  // ASCII is only cleaned and lower-cased: nothing in it decomposes, combines or gets spaces around it.
  while (raw_.NextAscii(c)) {
    const Record& record = RecordOf(c->code_point);
    if (flags_.clean_text) {
      if (record.flags & unicode::kRemoved) continue;
      if (record.flags & unicode::kSpace) c->code_point = ' ';
    }
    if (flags_.lowercase) c->code_point += static_cast<char32_t>(record.lower_delta);
    return true;
  }
  return NextSlowly(c);
}

// The last stage, lower case: code point by code point, whatever its neighbours are (the reference knows no final
// sigma). Only U+0130 becomes two code points, and only where accents stay.
bool BertNormalizer::NextSlowly(TextChar* c) {
  if (!lowered_.empty()) {
    *c = {lowered_.sequence.units[lowered_.next++], place_.begin, place_.end};
  } else {
    const Record* const record = flags_.strip_accents ? NextStripped(c) : NextCleaned(c);
    if (record == nullptr) return false;
    if (flags_.lowercase) {
      if (record->flags & unicode::kLowerSequence) {
        lowered_ = {unicode::LowerSequence(c->code_point), 1};
        place_ = *c;
        c->code_point = lowered_.sequence.units[0];
      } else {
        c->code_point += static_cast<char32_t>(record->lower_delta);
      }
    }
  }
  pending_ = cjk_next_ != Cjk::kNone || in_run_ || !decomposed_.empty() || !lowered_.empty();
  return true;
}

// The first stage: drops what is not text, makes every space U+0020, puts spaces around CJK characters. Those spaces
// have the place of the character itself. Returns the code point's record; nullptr at the end.
const Record* BertNormalizer::NextCleaned(TextChar* c) {
  if (cjk_next_ != Cjk::kNone) {
    *c = cjk_;
    if (cjk_next_ == Cjk::kSpaceAfter) c->code_point = ' ';
    cjk_next_ = cjk_next_ == Cjk::kCharacter ? Cjk::kSpaceAfter : Cjk::kNone;
    return &RecordOf(c->code_point);
  }
  while (raw_.Next(c)) {
    const Record& record = RecordOf(c->code_point);
    if (Skips(record)) continue;
    const bool space = flags_.clean_text && (record.flags & unicode::kSpace);
    const bool cjk = flags_.space_cjk && (record.flags & unicode::kCjk);
    if (!space && !cjk) return &record;
    if (cjk) {
      cjk_ = *c;
      cjk_next_ = Cjk::kCharacter;
    }
    c->code_point = ' ';
    return &RecordOf(' ');
  }
  return nullptr;
}

// The middle stage: canonical decomposition (NFD), of which the marks are dropped at once.
//
// NFD also sorts each run of combining characters by their class, stably. Most runs are marks alone and vanish; of
// the others, what is kept (spacing marks, and marks that are newer than the reference's tables) must come in sorted
// order. A run can be as long as the text, so it is not stored: BeginRun reads it once to learn which classes it has,
// and NextInRun then reads it once per class, of which there are at most 63.
//
// Places: the reference keeps, for each code point of a decomposition, whether it replaces an original character (the
// first one does) or was added to it, and lets these notes travel with the sort. Replacements then take the original
// characters' places in text order and additions share the place before them. So the n-th replacement of a sorted run
// has the place of the run's n-th character, whichever it came from.
const Record* BertNormalizer::NextStripped(TextChar* c) {
  for (;;) {
    if (in_run_) {
      if (NextInRun(c)) return &RecordOf(c->code_point);
      in_run_ = false;
      raw_.set_position(run_end_);
      decomposed_.next = decomposed_.sequence.size;
    }
    if (!decomposed_.empty()) {
      const char32_t unit = decomposed_.sequence.units[decomposed_.next];
      const Record& record = RecordOf(unit);
      if (record.rank != 0) {
        BeginRun(raw_.position());
        continue;
      }
      ++decomposed_.next;
      *c = {unit, place_.begin, place_.end};
      return &record;
    }
    const Record* const record = NextCleaned(c);
    if (record == nullptr) return nullptr;
    if (record->rank != 0) {
      BeginRun(c->begin);
      continue;
    }
    if (record->flags & unicode::kMark) continue;
    place_ = *c;
    if (!(record->flags & unicode::kCanonical)) return record;
    decomposed_ = {unicode::DecomposeStripped(c->code_point), 0};
  }
}

// A run: the combining characters left in decomposed_, and those that begin at `first_byte` of the text.
void BertNormalizer::BeginRun(uint32_t first_byte) {
  run_tail_ = decomposed_.next;
  ranks_left_ = 0;
  bool kept = !decomposed_.empty();
  for (uint32_t i = run_tail_; i < decomposed_.sequence.size; ++i) {
    ranks_left_ |= uint64_t{1} << RecordOf(decomposed_.sequence.units[i]).rank;
  }
  RawCursor ahead = raw_;
  ahead.set_position(first_byte);
  run_begin_ = run_end_ = first_byte;
  TextChar c;
  while (ahead.Next(&c)) {
    const Record& record = RecordOf(c.code_point);
    if (Skips(record)) continue;
    if (record.rank == 0) break;
    ranks_left_ |= uint64_t{1} << record.rank;
    kept |= !(record.flags & unicode::kMark);
    run_end_ = c.end;
  }
  in_run_ = true;
  if (!kept) ranks_left_ = 0;
  rank_ = 0;
  scan_ = places_ = raw_;
  places_.set_position(run_begin_);
}

bool BertNormalizer::NextInRun(TextChar* c) {
  for (;;) {
    if (rank_ == 0) {
      if (ranks_left_ == 0) return false;
      rank_ = static_cast<uint8_t>(std::countr_zero(ranks_left_));
      ranks_left_ &= ranks_left_ - 1;
      decomposed_.next = run_tail_;
      scan_.set_position(run_begin_);
    }
    while (!decomposed_.empty()) {
      const char32_t unit = decomposed_.sequence.units[decomposed_.next++];
      if (RecordOf(unit).rank != rank_) continue;
      *c = {unit, place_.begin, place_.end};
      return true;
    }
    while (scan_.position() < run_end_ && scan_.Next(c)) {
      const Record& record = RecordOf(c->code_point);
      if (record.rank != rank_ || Skips(record)) continue;
      while (places_.Next(&place_) && Skips(RecordOf(place_.code_point))) {
      }
      if (record.flags & unicode::kMark) continue;
      c->begin = place_.begin;
      c->end = place_.end;
      return true;
    }
    rank_ = 0;
  }
}

}  // namespace pbert
