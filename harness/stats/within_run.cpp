#include "stats/within_run.h"

#include <string_view>

namespace loopgate {

std::string within_run(std::string text, const std::filesystem::path& run_dir) {
  const std::string place = run_dir.string() + (run_dir.has_filename() ? "/" : "");
  constexpr std::string_view before_a_name = " \"'(";
  if (place.empty()) return text;
  for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place, at)) {
    // In the middle of a name it is another folder's end: "s/" of "cells/".
    if (at == 0 || before_a_name.find(text[at - 1]) != std::string_view::npos) {
      text.erase(at, place.size());
    } else {
      at += place.size();
    }
  }
  return text;
}

}  // namespace loopgate
