// What a machine says of itself: texts of /proc, /sys and the like, fetched in one request, so that a board
// behind a slow connection is asked once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loopgate {

inline constexpr const char* kernel_config = "kernel configuration";
inline constexpr const char* kernel_log = "kernel log";

// A number that a device gives where it is read at an offset, such as a register of /dev/cpu/0/msr.
struct DeviceNumber {
  std::string path;  // a glob
  int bytes = 8;     // 4 or 8, signed
  int offset = 0;

  std::string name() const {
    return path + ", " + std::to_string(bytes) + " bytes at " + std::to_string(offset);
  }
  bool operator<(const DeviceNumber& other) const { return name() < other.name(); }
};

// All that is to be asked.
struct FactRequest {
  std::map<std::string, bool> files;     // globs; true: read twice, a second apart
  std::map<DeviceNumber, bool> numbers;  // likewise
  std::vector<std::string> options;      // of the kernel's configuration
  std::vector<std::string> log_words;    // lines of the kernel's log that contain one of them
};

struct Fact {
  std::string path;
  std::optional<std::string> text;  // nothing: it is there and gave nothing (no right, an error, or ended)
};

// What became of one name of the request.
struct Reading {
  std::vector<Fact> facts;  // by path, as the shell sorts them
  std::string locked;       // without facts: the folder that could not be looked into; empty: it is not there
  bool asked = true;        // false: these facts were read for other rules
};

struct Facts {
  std::map<std::string, Reading, std::less<>> first;   // by glob, DeviceNumber::name(), or kernel_...
  std::map<std::string, Reading, std::less<>> second;  // of what was read twice
  double seconds_between = 0;
};

}  // namespace loopgate
