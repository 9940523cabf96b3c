#include "platforms/cli/table.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace pbert::cli {
namespace {

// Decodes one code point; a byte that begins none counts as one column by itself.
char32_t Next(std::string_view text, size_t* at) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(*at);
  const size_t length = first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1;
  char32_t code = length == 1 ? first : first & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(*at + i) & 0xC0u) != 0x80u) {
      *at += 1;
      return 0xFFFD;
    }
    code = code << 6 | (byte(*at + i) & 0x3Fu);
  }
  *at += length;
  return length == 1 && first >= 0x80 ? U'\uFFFD' : code;
}

// The blocks that terminals draw two columns wide, and combining marks in none: coarse, for looks only.
size_t Width(char32_t code) {
  if (code < 0x300) return 1;
  if (code <= 0x36F || (code >= 0x200B && code <= 0x200F) || (code >= 0xFE00 && code <= 0xFE0F)) return 0;
  const bool wide = (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
                    (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
                    (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
                    (code >= 0x1F300 && code <= 0x1FAFF) || (code >= 0x20000 && code <= 0x3FFFD);
  return wide ? 2 : 1;
}

size_t Width(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) width += Width(Next(text, &at));
  return width;
}

// Controls (C0, C1), separators of lines and paragraphs, and whatever changes the direction of writing (UAX #9) or is
// invisible and means something to a terminal. Empty for all that can be shown.
std::string EscapeOf(char32_t code) {
  if (code == '\n') return "\\n";
  if (code == '\r') return "\\r";
  if (code == '\t') return "\\t";
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return Format("\\x%02x", static_cast<unsigned>(code));
  const bool direction = code == 0x61C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
                         (code >= 0x2066 && code <= 0x2069);
  const bool hidden = code == 0x2028 || code == 0x2029 || code == 0xFEFF || (code >= 0xFFF9 && code <= 0xFFFB);
  return direction || hidden ? Format("\\u%04x", static_cast<unsigned>(code)) : "";
}

}  // namespace

std::string Format(const char* format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  std::string text(static_cast<size_t>(std::vsnprintf(nullptr, 0, format, arguments)), '\0');
  std::vsnprintf(text.data(), text.size() + 1, format, again);
  va_end(again);
  va_end(arguments);
  return text;
}

Table::Table(std::string alignment, std::vector<std::string> header)
    : alignment_(std::move(alignment)), has_header_(!header.empty()) {
  if (has_header_) Add(std::move(header));
}

void Table::Add(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = OneLine(cell, SIZE_MAX);
  rows_.push_back(std::move(cells));
}

std::string Table::Print() const {
  std::vector<size_t> widths(alignment_.size(), 0);
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  const auto line = [&](const std::vector<std::string>& row) {
    std::string printed;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - Width(row[i]), ' ');
      if (i > 0) printed += "  ";
      printed += alignment_[i] == 'r' ? gap + row[i] : row[i] + gap;
    }
    printed.erase(printed.find_last_not_of(' ') + 1);
    text += printed + "\n";
  };
  for (size_t i = 0; i < rows_.size(); ++i) {
    line(rows_[i]);
    if (i > 0 || !has_header_) continue;
    std::vector<std::string> rule;
    for (const size_t width : widths) rule.emplace_back(width, '-');
    line(rule);
  }
  return text;
}

std::string OneLine(std::string_view text, size_t columns) {
  std::string line;
  size_t width = 0, keep = 0;  // keep: how much of `line` leaves room for the ellipsis
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const char32_t code = Next(text, &at);
    const std::string escape = EscapeOf(code);
    const size_t step = escape.empty() ? Width(code) : escape.size();
    if (width + step > columns) return line.substr(0, keep) + "…";
    if (code == 0xFFFD) {
      line += "\uFFFD";
    } else if (!escape.empty()) {
      line += escape;
    } else {
      line.append(text.substr(begin, at - begin));
    }
    width += step;
    if (width < columns) keep = line.size();
  }
  return line;
}

std::string Guarded(std::string_view text) {
  std::string lines;
  for (size_t at = 0;;) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines += OneLine(text.substr(at, end - at), SIZE_MAX);
    if (end == text.size()) return lines;
    lines += '\n';
    at = end + 1;
  }
}

std::string Bar(float share) {
  constexpr int kCells = 20;
  std::string bar;
  for (int i = 0; i < kCells; ++i) bar += static_cast<float>(i) + 0.5f < share * kCells ? "█" : "·";
  return bar;
}

std::string Bytes(uint64_t bytes) {
  if (bytes < 1000) return Format("%u bytes", static_cast<unsigned>(bytes));
  if (bytes < 1000000) return Format("%.1f kB", static_cast<double>(bytes) / 1e3);
  return Format("%.1f MB", static_cast<double>(bytes) / 1e6);
}

std::string Percent(double share) { return std::isnan(share) ? "-" : Format("%.2f %%", 100 * share); }

std::string Grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

}  // namespace pbert::cli
