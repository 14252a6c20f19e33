// The loopback program: the instrument on the board itself. A jumper joins one of its outputs to the
// payload's input, another one of its inputs to the payload's output; the kernel's own stamps of the edges,
// and CLOCK_MONOTONIC, are the clock.
#include <cstdio>
#include <exception>

#include "target/loopback/commands.h"
#include "target/loopback/events.h"
#include "target/loopback/options.h"
#include "target/loopback/rights.h"
#include "target/output.h"
#include "target/service.h"

namespace loopgate {

int complain(const std::string& what, int exit_status) {
  std::fprintf(stderr, "loopback: %s\n", what.c_str());
  return exit_status;
}

}  // namespace loopgate

namespace {

int carry_out(int argc, char** argv) {
  using namespace loopgate;
  LoopbackOptions options;
  int exit_status = target::exit_good;
  if (!read_options(argc, argv, &options, &exit_status)) return exit_status;
  try {  // libgpiod's C++ bindings and request_line() report by exception
    std::string problem;
    const std::string chip = find_chip(options.chip, &problem);
    if (chip.empty()) return complain(problem, target::exit_no_line);
    return options.check ? check_command(options, chip) : run_command(options, chip);
  } catch (const std::exception& error) {
    return complain(error.what(), target::exit_no_line);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return loopgate::target::run_main("loopback", [&] { return carry_out(argc, argv); });
}
