// What a program that measures itself says of the latencies that it saw, whichever of its files says it: the
// readers of the files that other people have. A reader is pure: it gets a file in portions and keeps
// nothing of it but sums.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/latency_histogram.h"
#include "base/result.h"
#include "programs/result/preempt_rt.h"

namespace loopgate {

// A thread of the program, or the CPU that it was on.
struct ThreadLatencies {
  std::string name;
  std::uint64_t count = 0;     // of latencies
  std::uint64_t overflow = 0;  // of them, beyond the last bin
  std::optional<std::int64_t> min_ns;
  std::optional<std::int64_t> max_ns;

  bool operator==(const ThreadLatencies&) const = default;
};

struct SelfMeasurement {
  std::string program;   // "cyclictest"
  std::string version;   // empty where the file does not tell
  std::string command;   // the same
  std::string quantity;  // what its latency is: "from its timer's time to its thread"
  std::string clock;
  std::string system;                          // the kernel that it names; empty where it names none
  PreemptRt preempt_rt = PreemptRt::not_told;  // of that kernel
  std::string load;  // that it says it was under, in its words; empty where it says nothing
  std::vector<ThreadLatencies> threads;
  LatencyHistogram latencies;        // of all threads
  std::uint64_t missed = 0;          // latencies that the program lost at the most: they can be any
  std::vector<std::string> remarks;  // what a reader of the figures has to know
  std::string why_invalid;           // why no verdict may rest on it; empty where one may
  std::string exported_from;         // the time base of a run of ours that the file was exported from

  bool operator==(const SelfMeasurement&) const = default;
};

// What the file does not say, and its user does.
struct ResultOptions {
  std::string column;                // of rtla timerlat: "irq", "thread" or "user"; empty: not said
  std::vector<std::string> threads;  // these alone; all where there are none
  bool in_ns = false;                // a text without a unit is in ns
  // Of rtla, how many rows of one unit each it was told to keep; nothing: their width is not known.
  std::optional<std::uint64_t> rows = {};

  bool wants(const std::string& thread) const;
};

class ResultReader {
 public:
  virtual ~ResultReader() = default;

  // Any portion of the file, in its order. Errors: data, where it can be no such file; usage, where the
  // options do not fit it. None is to be taken after an error.
  virtual Status take(std::string_view portion) = 0;
  // When all is taken. A data error where the file was cut off, holds nothing, or contradicts itself.
  virtual Result<SelfMeasurement> finish() = 0;

 protected:
  ResultReader() = default;
  ResultReader(const ResultReader&) = delete;
  ResultReader& operator=(const ResultReader&) = delete;
};

// Of a format that is read as a whole: it is gathered, up to `largest_whole_file`.
class WholeFileReader : public ResultReader {
 public:
  Status take(std::string_view portion) override;
  Result<SelfMeasurement> finish() override { return read(text_); }

 private:
  virtual Result<SelfMeasurement> read(const std::string& text) = 0;

  std::string text_;
};

inline constexpr std::size_t largest_whole_file = std::size_t{64} << 20U;

// Why no verdict may rest on a measurement that a latency beyond its own limit ended: "-b 100". That limit
// is no rule of a policy, as a suite's program has one, and how long it would have gone well is not known.
std::string stopped_at_own_limit(const std::string& limit);
// Whether that is why. What it saw before it stopped is true all the same.
bool is_stopped_at_own_limit(std::string_view why_invalid);

// Said of figures in ns, where only the user's word says so.
inline constexpr const char* unit_is_the_users = "the file does not tell its unit: it is ns, as --unit says";
// Why a file that tells its unit contradicts that; goes on from where it does.
tl::unexpected<Error> other_unit_than_asked(const std::string& where, bool in_ns);

// Text of a file as a message can show it: on one line, printable, and not long.
std::string shown(std::string_view text, std::size_t most = 60);

}  // namespace loopgate
