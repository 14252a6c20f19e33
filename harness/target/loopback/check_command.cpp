#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "protocol/clock_pair.h"
#include "target/loopback/commands.h"
#include "target/loopback/gpio_pins.h"
#include "target/loopback/jumper_check.h"
#include "target/loopback/rights.h"
#include "target/output.h"
#include "target/service.h"

namespace loopgate {
namespace {

class GpioJumperPins : public JumperPins {
 public:
  GpioJumperPins(const LoopbackOptions& options, const std::string& chip)
      : stimulus_out_(chip, options.stimulus_out, "loopback-out"),
        response_out_(chip, options.response, "loopback-out"),
        stimulus_in_(chip, options.stimulus, "loopback-check"),
        response_in_(chip, options.response_in, "loopback"),
        names_{"line " + std::to_string(options.stimulus_out) + " (stimulus_out)",
               "line " + std::to_string(options.stimulus) + " (stimulus)",
               "line " + std::to_string(options.response) + " (response)",
               "line " + std::to_string(options.response_in) + " (response_in)"} {}

  std::int64_t now_ns() override { return loopgate::now_ns(); }
  bool set(Jumper jumper, bool high) override {
    if ((jumper == Jumper::stimulus ? stimulus_out_ : response_out_).set(high)) return true;
    problem_ = output_of(jumper) + " can't be set";
    return false;
  }
  bool take(Jumper jumper, std::vector<std::int64_t>* stamps_ns) override {
    return input(jumper).take(stamps_ns, &problem_);
  }
  bool wait_for(Jumper jumper, std::int64_t until_ns) override {
    return input(jumper).wait_until(until_ns, &problem_);
  }
  std::string problem() const override { return problem_; }
  std::string output_of(Jumper jumper) const override { return names_[jumper == Jumper::stimulus ? 0 : 2]; }
  std::string input_of(Jumper jumper) const override { return names_[jumper == Jumper::stimulus ? 1 : 3]; }

 private:
  EdgeInput& input(Jumper jumper) { return jumper == Jumper::stimulus ? stimulus_in_ : response_in_; }

  Output stimulus_out_;
  Output response_out_;
  EdgeInput stimulus_in_;
  EdgeInput response_in_;
  std::array<std::string, 4> names_;
  std::string problem_;
};

std::string why_no_lines(const LoopbackOptions& options, const std::string& path) {
  const gpiod::chip chip(path);
  for (const unsigned line :
       {options.stimulus_out, options.stimulus, options.response, options.response_in}) {
    if (std::string problem = target::why_not(chip, line); !problem.empty()) return problem;
  }
  return {};
}

}  // namespace

int check_command(const LoopbackOptions& options, const std::string& chip) {
  if (const std::string problem = why_no_lines(options, chip); !problem.empty())
    return complain(problem, target::exit_no_line);
  GpioJumperPins pins(options, chip);
  if (const std::string problem = keep_to_cpu(options.cpu); !problem.empty())
    return complain(problem, target::exit_usage);
  const std::string refused = become_real_time(options.priority);
  if (!refused.empty() && !options.allow_degraded)
    return complain(refused + "; --allow-degraded checks without", target::exit_no_right);
  const JumperCheck check = check_jumpers(&pins, options.pulses);
  if (!target::write_whole(options.out, to_json(check, true)))
    return complain(options.out + ": cannot be written: " + std::strerror(errno), target::exit_broken);
  std::fputs(to_json(check, false).c_str(), stdout);
  return check.problem.empty() ? target::exit_good : complain(check.problem, target::exit_no_jumper);
}

}  // namespace loopgate
