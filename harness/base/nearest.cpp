#include "base/nearest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>

namespace loopgate {
namespace {

constexpr std::size_t short_name = 5;     // letters
constexpr std::size_t longest_name = 64;  // what is longer is no slip of a finger, and costs its square

// The optimal string alignment distance.
std::size_t distance_of(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::vector<std::size_t> row(to.size() + 1, i);
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::move(last);
    last = std::move(row);
  }
  return last.back();
}

}  // namespace

std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& known) {
  if (name.size() < 2 || name.size() > longest_name) return std::nullopt;
  std::size_t least = (name.size() > short_name ? 2 : 1) + 1;
  std::optional<std::string> found;
  for (const std::string& each : known) {
    if (each.size() > longest_name) continue;
    const std::size_t distance = distance_of(name, each);
    if (distance > least || (distance == least && !found)) continue;
    if (distance < least) {
      found = each;
    } else if (found != each) {
      found.reset();  // of two that are as near neither is the one that was meant
    }
    least = distance;
  }
  return found;
}

std::string meant_or_known(std::string_view name, const std::vector<std::string>& known) {
  if (const auto meant = nearest(name, known)) return fmt::format("did you mean \"{}\"?", *meant);
  return known.empty() ? std::string() : fmt::format("known: {}", fmt::join(known, ", "));
}

std::string must_be_one_of(std::string_view name, const std::vector<std::string>& known) {
  const std::string choice = fmt::format("must be one of {}", fmt::join(known, ", "));
  return nearest(name, known) ? choice + "; " + meant_or_known(name, known) : choice;
}

}  // namespace loopgate
