#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

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
  GpioJumperPins(const LoopbackOptions& options, const std::string& chip) {
    wires_.reserve(3);  // in the order of Jumper
    wires_.emplace_back(chip, options.stimulus_out, "stimulus_out", options.stimulus, "stimulus",
                        options.falls());
    wires_.emplace_back(chip, options.response, "response", options.response_in, "response_in");
    if (options.verdict)
      wires_.emplace_back(chip, *options.verdict, "verdict", *options.verdict_in, "verdict_in");
  }

  bool has_verdict() const override { return wires_.size() > 2; }
  std::int64_t now_ns() override { return loopgate::now_ns(); }
  bool set(Jumper jumper, bool high) override {
    if (wire(jumper).output.set(high)) return true;
    problem_ = output_of(jumper) + " can't be set";
    return false;
  }
  bool take(Jumper jumper, std::vector<std::int64_t>* stamps_ns) override {
    return wire(jumper).input.take(stamps_ns, &problem_);
  }
  bool wait_for(Jumper jumper, std::int64_t until_ns) override {
    return wire(jumper).input.wait_until(until_ns, &problem_);
  }
  bool read(Jumper jumper, bool* high) override {
    if (wire(jumper).input.read(high)) return true;
    problem_ = input_of(jumper) + " can't be read";
    return false;
  }
  std::string problem() const override { return problem_; }
  std::string output_of(Jumper jumper) const override { return wires_[at(jumper)].output_name; }
  std::string input_of(Jumper jumper) const override { return wires_[at(jumper)].input_name; }

 private:
  struct Wire {
    Wire(const std::string& chip, unsigned from, const std::string& from_name, unsigned to,
         const std::string& to_name, bool active_low = false)
        : output(chip, from, "loopback-out", active_low),
          input(chip, to, "loopback-check", active_low),
          output_name("line " + std::to_string(from) + " (" + from_name + ")"),
          input_name("line " + std::to_string(to) + " (" + to_name + ")") {}
    Output output;
    EdgeInput input;
    std::string output_name;
    std::string input_name;
  };
  static std::size_t at(Jumper jumper) { return static_cast<std::size_t>(jumper); }
  Wire& wire(Jumper jumper) { return wires_[at(jumper)]; }

  std::vector<Wire> wires_;
  std::string problem_;
};

std::string why_no_lines(const LoopbackOptions& options, const std::string& path) {
  const gpiod::chip chip(path);
  std::vector<unsigned> lines = {options.stimulus_out, options.stimulus, options.response,
                                 options.response_in};
  if (options.verdict) lines.insert(lines.end(), {*options.verdict, *options.verdict_in});
  for (const unsigned line : lines) {
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
  const JumperCheck check = check_jumpers(&pins, options.pulses, options.edges);
  if (!target::write_whole(options.out, to_json(check, true)))
    return complain(options.out + ": cannot be written: " + std::strerror(errno), target::exit_broken);
  std::fputs(to_json(check, false).c_str(), stdout);
  return check.problem.empty() ? target::exit_good : complain(check.problem, target::exit_no_jumper);
}

}  // namespace loopgate
