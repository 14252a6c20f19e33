// loopgate: the one program. Each subcommand is a file of its own.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"

namespace loopgate {

int told(const Error& error) {
  fmt::print(stderr, "loopgate: {}\n", to_text(error));
  switch (error.kind) {
    case ErrorKind::usage:
      return exit_usage;
    case ErrorKind::kernel:
      return exit_fail;
    case ErrorKind::infrastructure:
    case ErrorKind::data:
      return exit_invalid;
  }
  return exit_invalid;
}

}  // namespace loopgate

int main(int argc, char** argv) {
  using namespace loopgate;
  CLI::App app(
      "Proves how a Linux kernel behaves in real time: from an interrupt to a GPIO edge, under load, with a "
      "verdict.");
  app.footer(
      "Exit status: 0 PASS, 1 FAIL (the kernel), 2 usage, 3 INVALID (load, instrument or bench), 4 "
      "INCONCLUSIVE.\n"
      "Example: loopgate run irq-to-gpio --jobs 2 --out runs/today && loopgate gate runs/today --policy "
      "suites/irq-to-gpio/release.toml");
  app.require_subcommand(1);
  app.set_version_flag("--version", "loopgate " LOOPGATE_VERSION);
  int exit_status = 0;
  add_doctor(&app, &exit_status);
  add_list(&app, &exit_status);
  add_plan(&app, &exit_status);
  add_run(&app, &exit_status);
  add_capture(&app, &exit_status);
  add_stats(&app, &exit_status);
  add_gate(&app, &exit_status);
  add_explain(&app, &exit_status);
  add_report(&app, &exit_status);
  add_audit(&app, &exit_status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // CLI11 reports by exception, --help too
    return app.exit(error) == 0 ? exit_pass : exit_usage;
  } catch (const std::exception& error) {  // none is expected; but it must not end as the kernel's fault
    fmt::print(stderr, "loopgate: {}\n", error.what());
    return exit_invalid;
  }
  return exit_status;
}
