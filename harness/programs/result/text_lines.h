// Lines of a text that comes in portions, and the numbers in a line. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace loopgate {

class TextLines {
 public:
  // Longer ones are cut: cyclictest lists each overflow in one.
  static constexpr std::size_t longest = 65'536;

  // Calls `use(line)`, which gives a Status, for every line that has ended.
  template <class Use>
  Status take(std::string_view portion, const Use& use) {
    while (!portion.empty()) {
      const std::size_t end = portion.find('\n');
      if (end == std::string_view::npos) {
        keep(portion);
        return {};
      }
      std::string_view line = portion.substr(0, end);
      portion.remove_prefix(end + 1);
      if (begun_) {
        keep(line);
        line = left_;
      }
      begun_ = false;
      ++number_;
      cut_ = cut_ || line.size() > longest;
      TRY_STATUS(use(line.substr(0, longest)));
      left_.clear();
      cut_ = false;
    }
    return {};
  }

  std::uint64_t number() const { return number_; }         // of the last line that has ended, from 1
  bool is_cut() const { return cut_; }                     // whether it was longer
  bool has_unfinished() const { return begun_; }           // whether something follows the last end of a line
  const std::string& unfinished() const { return left_; }  // what follows it

 private:
  void keep(std::string_view part) {
    begun_ = true;
    const std::size_t room = longest - left_.size();
    cut_ = cut_ || part.size() > room;
    left_.append(part.substr(0, room));
  }

  std::string left_;
  std::uint64_t number_ = 0;
  bool begun_ = false;
  bool cut_ = false;
};

// The words of a line, which blanks and tabs part.
class LineWords {
 public:
  explicit LineWords(std::string_view line) : left_(line) {}

  // Empty at the line's end.
  std::string_view next() {
    std::size_t begin = 0;
    while (begin < left_.size() && is_blank(left_[begin])) ++begin;
    std::size_t end = begin;
    while (end < left_.size() && !is_blank(left_[end])) ++end;
    const std::string_view word = left_.substr(begin, end - begin);
    left_.remove_prefix(end);
    return word;
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

  std::string_view left_;
};

// A whole number without a sign; nothing for another word, and for one of more than 18 digits.
inline std::optional<std::uint64_t> whole_number(std::string_view word) {
  if (word.empty() || word.size() > 40) return std::nullopt;
  while (word.size() > 1 && word.front() == '0') word.remove_prefix(1);
  if (word.size() > 18) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : word) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

}  // namespace loopgate
