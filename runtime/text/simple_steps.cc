#include "text/simple_steps.h"

#include <algorithm>

namespace pbert {
namespace {

bool IsSpace(char32_t c) { return unicode::RecordOf(c).flags & unicode::kSpace; }

}  // namespace

bool StripMarksStep::Next(TextChar* c) {
  while (source_->Next(c)) {
    if (!(unicode::RecordOf(c->code_point).flags & (all_ ? unicode::kAnyMark : unicode::kMark))) return true;
  }
  return false;
}

bool LowercaseStep::Next(TextChar* c) {
  if (next_ < sequence_.size) {
    *c = {sequence_.units[next_++], place_.begin, place_.end};
    return true;
  }
  if (!source_->Next(c)) return false;
  const unicode::Record& record = unicode::RecordOf(c->code_point);
  if (record.flags & unicode::kLowerSequence) {
    sequence_ = unicode::LowerSequence(c->code_point);
    next_ = 1;
    place_ = *c;
    c->code_point = sequence_.units[0];
  } else {
    c->code_point = static_cast<char32_t>(static_cast<int32_t>(c->code_point) + record.lower_delta);
  }
  return true;
}

bool CleanTextStep::Next(TextChar* c) {
  while (source_->Next(c)) {
    const uint16_t flags = unicode::RecordOf(c->code_point).flags;
    if (flags & unicode::kRemoved) continue;
    if (flags & unicode::kSpace) c->code_point = ' ';
    return true;
  }
  return false;
}

bool SpaceCjkStep::Next(TextChar* c) {
  if (left_ > 0) {
    *c = cjk_;
    if (--left_ == 0) c->code_point = ' ';
    return true;
  }
  if (!source_->Next(c)) return false;
  if (unicode::RecordOf(c->code_point).flags & unicode::kCjk) {
    cjk_ = *c;
    left_ = 2;
    c->code_point = ' ';
  }
  return true;
}

bool PrependStep::Next(TextChar* c) {
  if (at_start_) {
    at_start_ = false;
    has_first_ = source_->Next(&first_);
    if (has_first_) rest_ = content_;
  }
  if (char32_t added; rest_.Next(&added)) {
    *c = {added, first_.begin, first_.end};
    return true;
  }
  if (!has_first_) return source_->Next(c);
  has_first_ = false;
  *c = first_;
  return true;
}

bool StripStep::Next(TextChar* c) {
  for (;;) {
    // What waits is given when something follows it, or when it is too much.
    if (count_ == kMaxRuns || (has_next_ && count_ > 0)) {
      *c = TakeKept();
      return true;
    }
    if (has_next_) {
      has_next_ = false;
      *c = next_;
      return true;
    }
    if (!source_->Next(c)) return false;
    const bool space = IsSpace(c->code_point);
    if (at_start_ && space) continue;
    at_start_ = false;
    if (!space || !right_) {
      if (count_ == 0) return true;
      next_ = *c;
      has_next_ = true;
    } else {
      Keep(*c);
    }
  }
}

void StripStep::Keep(const TextChar& space) {
  if (count_ > 0) {
    Run& last = runs_[(first_ + count_ - 1) % kMaxRuns];
    const uint32_t size = last.first.end - last.first.begin;
    if (space.code_point == last.first.code_point && space.begin == last.first.begin + size * last.count &&
        space.end == space.begin + size) {
      ++last.count;
      return;
    }
  }
  runs_[(first_ + count_++) % kMaxRuns] = {space, 1};
}

TextChar StripStep::TakeKept() {
  Run& run = runs_[first_];
  const TextChar space = run.first;
  const uint32_t size = space.end - space.begin;
  run.first.begin += size;
  run.first.end += size;
  if (--run.count == 0) {
    first_ = (first_ + 1) % kMaxRuns;
    --count_;
  }
  return space;
}

ReplaceStep::ReplaceStep(TextReader pattern, uint32_t run_length, const TextReader& content, CharSource* source)
    : CharStep(source), content_(content), run_(run_length != 0) {
  while (size_ < kMaxPattern && pattern.Next(&pattern_[size_])) ++size_;
  if (run_) {
    size_ = std::min(run_length, kMaxPattern);
    std::fill(pattern_ + 1, pattern_ + size_, pattern_[0]);
  }
}

bool ReplaceStep::Matches() const {
  for (uint32_t i = 0; i < size_; ++i) {
    if (window_[i].code_point != pattern_[i]) return false;
  }
  return true;
}

// The leftmost match wins, and the search goes on behind it. Patterns are short, so the window is compared anew at each
// place.
bool ReplaceStep::Next(TextChar* c) {
  for (;;) {
    if (in_run_) {
      if (source_->Next(&window_[0])) {
        if (window_[0].code_point == pattern_[0]) {
          place_ = window_[0];
          continue;
        }
        count_ = 1;
      }
      in_run_ = false;
      rest_ = content_;
    }
    if (char32_t added; rest_.Next(&added)) {
      *c = {added, place_.begin, place_.end};
      return true;
    }
    while (count_ < size_ && source_->Next(&window_[count_])) ++count_;
    if (count_ == 0) return false;
    if (count_ == size_ && Matches()) {
      place_ = window_[count_ - 1];
      count_ = 0;
      in_run_ = run_;
      if (!run_) rest_ = content_;
      continue;
    }
    *c = window_[0];
    std::copy(window_ + 1, window_ + count_, window_);
    --count_;
    return true;
  }
}

}  // namespace pbert
