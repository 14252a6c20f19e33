#include "base/version.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace loopgate {
namespace {

std::vector<unsigned> numbers_of(std::string_view version) {
  std::vector<unsigned> numbers;
  const char* at = version.data();
  const char* const end = at + version.size();
  for (unsigned number = 0;;) {
    const auto [after, error] = std::from_chars(at, end, number);
    if (error != std::errc()) return numbers;
    numbers.push_back(number);
    if (after == end || *after != '.') return numbers;
    at = after + 1;
  }
}

}  // namespace

bool is_older(std::string_view version, std::string_view minimum) {
  std::vector<unsigned> have = numbers_of(version);
  std::vector<unsigned> want = numbers_of(minimum);
  const std::size_t length = std::max(have.size(), want.size());
  have.resize(length);
  want.resize(length);
  return have < want;
}

}  // namespace loopgate
