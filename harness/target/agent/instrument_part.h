// The instrument that runs on the board itself, as a program: its check, its measuring, and what it prints.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "protocol/job.h"
#include "protocol/report.h"
#include "target/agent/child.h"

namespace loopgate {

class InstrumentPart {
 public:
  // `order` must outlive it.
  explicit InstrumentPart(const InstrumentSpec& order) : order_(order) {}

  Status start_check();
  // After its end: empty, or why it failed.
  std::string end_check();

  Status start();
  std::string why_it_failed() const;

  // The program that was started last.
  bool started() const { return child_.has_value(); }
  Child& child() { return *child_; }

  // What measuring prints comes from here, as it is printed.
  int output_fd() const { return output_.get(); }
  // Calls `on_line` for each whole line that is there. False once there will be no more.
  bool read_lines(const std::function<void(const std::string&)>& on_line);

  // Reads the files that the order names.
  InstrumentReport report() const;

 private:
  Status start_program(const std::string& name, const std::vector<std::string>& argv, int output);

  const InstrumentSpec& order_;
  std::optional<Child> child_;
  bool measuring_ = false;
  Descriptor output_;
  std::string unfinished_;  // the begin of a line
  std::string last_line_;
  InstrumentReport report_;
};

}  // namespace loopgate
