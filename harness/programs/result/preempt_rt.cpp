#include "programs/result/preempt_rt.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

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

// In small letters.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  for (const char each : name) {
    const auto c = static_cast<unsigned char>(each);
    if (std::isalnum(c) != 0) {
      words.back() += static_cast<char>(std::tolower(c));
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  return words;
}

}  // namespace

PreemptRt preempt_rt_of(std::string_view version, std::optional<std::uint64_t> realtime) {
  const auto has = [&](std::string_view text) { return version.find(text) != std::string_view::npos; };
  // With a space until 5.15 (init/Makefile of the RT patches).
  if (has("PREEMPT_RT") || has("PREEMPT RT")) return PreemptRt::yes;
  if (has("PREEMPT")) return PreemptRt::no;
  if (realtime == 1U) return PreemptRt::yes;
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

bool claims_preempt_rt(std::string_view kernel) { return std::ranges::any_of(words_of(kernel), is_rt); }

bool claims_other_model(std::string_view kernel) {
  return !claims_preempt_rt(kernel) && std::ranges::any_of(words_of(kernel), [](const std::string& word) {
    return word == "generic" || word == "voluntary" || word == "dynamic";
  });
}

}  // namespace loopgate
