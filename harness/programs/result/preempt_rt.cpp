#include "programs/result/preempt_rt.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>

namespace loopgate {
namespace {

constexpr std::array<std::pair<PreemptRt, const char*>, 4> preempt_rt_names = {
    {{PreemptRt::not_told, "not told"},
     {PreemptRt::realtime_0, "realtime 0"},
     {PreemptRt::no, "no"},
     {PreemptRt::yes, "yes"}}};

bool is_rt(std::string_view word) {
  return word.starts_with("rt") &&
         std::ranges::all_of(word.substr(2), [](unsigned char c) { return std::isdigit(c) != 0; });
}

}  // namespace

PreemptRt preempt_rt_of(std::string_view version, std::optional<std::uint64_t> realtime) {
  const auto has = [&](std::string_view text) { return version.find(text) != std::string_view::npos; };
  // With a space until 5.15 (init/Makefile of the RT patches).
  if (has("PREEMPT_RT") || has("PREEMPT RT") || realtime == 1U) return PreemptRt::yes;
  if (has("PREEMPT")) return PreemptRt::no;
  return realtime == 0U ? PreemptRt::realtime_0 : PreemptRt::not_told;
}

const char* name_of(PreemptRt said) {
  return std::ranges::find(preempt_rt_names, said, &std::pair<PreemptRt, const char*>::first)->second;
}

std::optional<PreemptRt> preempt_rt_named(std::string_view name) {
  for (const auto& [said, known] : preempt_rt_names)
    if (name == known) return said;
  return std::nullopt;
}

bool claims_preempt_rt(std::string_view kernel) {
  std::string word;
  for (const char each : kernel) {
    const auto c = static_cast<unsigned char>(each);
    if (std::isalnum(c) != 0) {
      word += static_cast<char>(std::tolower(c));
      continue;
    }
    if (is_rt(word)) return true;
    word.clear();
  }
  return is_rt(word);
}

}  // namespace loopgate
