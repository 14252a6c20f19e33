// The value of an option that is one of a few words.
#pragma once

#include <CLI/Validators.hpp>
#include <string>
#include <vector>

#include "base/nearest.h"

namespace loopgate {

inline CLI::Validator one_of(std::vector<std::string> words) {
  std::string description;
  for (const std::string& word : words) description += (description.empty() ? "" : "|") + word;
  return CLI::Validator(
      [words = std::move(words)](const std::string& value) {
        for (const std::string& word : words)
          if (value == word) return std::string();
        return "\"" + value + "\": " + must_be_one_of(value, words);
      },
      description);
}

}  // namespace loopgate
