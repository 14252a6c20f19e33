// suites/NAME/suite.toml: what is measured, with which payload, by which schedule.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace loopgate {

struct Payload {
  std::vector<std::string> command;  // on the target; {chip}, {stimulus} and {response} stand for the board's
  int ready_within_ms = 3000;
};

struct Suite {
  std::string name;
  std::string title;
  std::vector<std::string> requirements;  // what a board must provide
  std::string board;                      // where it runs unless told otherwise
  std::vector<std::string> kernels;
  std::vector<std::string> loads;
  Payload payload;
  std::int64_t interval_min_ns = 0;
  std::int64_t interval_max_ns = 0;
  std::int64_t deadline_ns = 0;
  std::int64_t abandon_ns = 0;
  int samples = 0;
  int warm_up = 0;
  int self_checks = 0;
  std::filesystem::path folder;
  std::string sha256;  // of suite.toml
};

Result<Suite> read_suite(const std::filesystem::path& path);

}  // namespace loopgate
