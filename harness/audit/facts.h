// A machine's facts: texts of /proc, /sys and the like, read by one request, so that a slow connection to a
// board is used only once.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace loopgate {

inline constexpr const char* kernel_config = "kernel configuration";
inline constexpr const char* kernel_log = "kernel log";

// A number read from a device at an offset, such as a register of /dev/cpu/0/msr.
struct DeviceNumber {
  std::string path;  // a glob
  int bytes = 8;     // 4 or 8, signed
  int offset = 0;

  std::string name() const {
    return path + ", " + std::to_string(bytes) + " bytes at " + std::to_string(offset);
  }
  bool operator<(const DeviceNumber& other) const { return name() < other.name(); }
};

// Everything to read.
struct FactRequest {
  std::map<std::string, bool> files;     // globs; true: read twice, a second apart
  std::map<DeviceNumber, bool> numbers;  // the same
  std::vector<std::string> options;      // of the kernel's configuration
  std::vector<std::string> log_words;    // selects the lines of the kernel's log that contain one of them
};

struct Fact {
  std::string path;
  std::optional<std::string> text;  // empty: it exists but could not be read (no permission, error, ended)
};

// The result for one name of the request.
struct Reading {
  std::vector<Fact> facts;  // by path, as the shell sorts them
  std::string locked;       // without facts: the folder that could not be read; empty: there is no such file
  bool asked = true;        // false: these facts were read for other rules
};

struct Facts {
  std::map<std::string, Reading, std::less<>> first;   // by glob, DeviceNumber::name(), or kernel_...
  std::map<std::string, Reading, std::less<>> second;  // of the names that were read twice
  double seconds_between = 0;
  // Paths of threads that are the bench's own, such as its agent's: they are there, and no rule judges them.
  std::set<std::string> bench_threads;
};

}  // namespace loopgate
