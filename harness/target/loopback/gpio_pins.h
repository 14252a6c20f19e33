// The pins and the clock, by libgpiod: on the target only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "target/gpio_chip.h"
#include "target/loopback/payload_records.h"
#include "target/loopback/pins.h"

namespace loopgate {

// An input whose rising edges the kernel stamps; of one that is active low these fall. Nothing allocates
// after it was made.
class EdgeInput {
 public:
  // Throws std::system_error.
  EdgeInput(const std::string& chip, unsigned line, const char* consumer, bool active_low = false);

  // False when the line failed, or edges were lost: `problem` says which.
  bool take(std::vector<std::int64_t>* stamps_ns, std::string* problem);
  bool wait_until(std::int64_t until_ns, std::string* problem);
  // The level now. False when the line failed.
  bool read(bool* high) const;

 private:
  unsigned line_;
  target::LineRequest request_;
  target::EventBuffer buffer_;
  std::uint64_t expected_ = 1;  // the number of the next edge
};

// An input of which no edge is asked for: no interrupt comes of it, which would be a part of the latency that
// is measured.
class LevelInput {
 public:
  LevelInput(const std::string& chip, unsigned line, const char* consumer);
  // False when the line failed.
  bool read(bool* high) const;

 private:
  unsigned line_;
  target::LineRequest request_;
};

class Output {
 public:
  Output(const std::string& chip, unsigned line, const char* consumer, bool active_low = false);
  bool set(bool high);

 private:
  unsigned line_;
  target::LineRequest request_;
};

class GpioPins : public LoopbackPins {
 public:
  // `falls`: the stimulus is a falling edge.
  GpioPins(const std::string& chip, unsigned stimulus_out, unsigned response_in, bool falls);

  // For see_decision(). `records` is the payload's file of them. Empty, or one sentence. Throws, too.
  std::string open_decisions(const std::string& chip, unsigned verdict_in, const std::string& records);

  std::int64_t now_ns() override;
  void sleep_until(std::int64_t ns) override;
  bool told_to_stop() override;
  bool set_stimulus(bool high) override;
  bool take_responses(std::vector<std::int64_t>* stamps_ns) override;
  bool wait_for_response(std::int64_t until_ns) override;
  bool see_decision(SeenDecision* seen) override;
  std::string problem() const override { return problem_; }

 private:
  Output stimulus_;
  EdgeInput response_;
  std::optional<LevelInput> verdict_;
  PayloadRecords records_;
  std::string problem_;
};

}  // namespace loopgate
