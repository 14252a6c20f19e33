// What cyclictest 2.8 writes, of latencies that something else measured: for the plots and databases that
// people have. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace loopgate {

struct ExportedThread {
  std::map<std::uint64_t, std::uint64_t> rows;  // microseconds, cut -> how many; below `bins`
  std::uint64_t overflow = 0;                   // at or above `bins`
  std::uint64_t min_us = 0;
  std::uint64_t max_us = 0;
  std::optional<double> mean_us;  // nothing where it is not known

  std::uint64_t cycles() const;
};

struct CyclictestExport {
  std::vector<ExportedThread> threads;
  std::uint64_t bins = 0;  // what -h would have been
  std::string command;     // that wrote the file
  std::string version;     // of the program that wrote it
  std::string board;
  std::string kernel;
  std::string load;
  std::string suite;
  std::string time_base;
  std::string measured_by;
  std::vector<std::string> lost;  // what the format has no place for: said in the file, too
};

inline constexpr std::uint64_t exported_bins_max = 1'000'000;  // cyclictest's own most

// As --json.
std::string to_cyclictest_json(const CyclictestExport& exported);
// As --histogram and --histfile.
std::string to_cyclictest_text(const CyclictestExport& exported);

}  // namespace loopgate
