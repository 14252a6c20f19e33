// loopgate: the one program. Each subcommand is a file of its own.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/version.h"

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

namespace {

// CLI11 misses what is required before it tells of what it does not know: who mistyped a word is better told
// of that.
void tell_unknown_words(const CLI::App& app) {
  const std::vector<std::string> unknown = app.remaining(true);
  std::string command = "loopgate";
  for (const CLI::App* asked = &app; !asked->get_subcommands().empty();) {
    asked = asked->get_subcommands().front();
    command += " " + asked->get_name();
  }
  fmt::print(stderr, "loopgate: \"{}\" is not known to {}\n  -> {} --help\n", unknown.front(), command,
             command);
}

}  // namespace
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
  app.set_version_flag("--version", "loopgate " + loopgate_version().version);
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
    if (error.get_exit_code() == 0) return app.exit(error);
    if (app.remaining_size(true) != 0) {
      tell_unknown_words(app);
    } else {
      (void)app.exit(error);
    }
    return exit_usage;
  } catch (const std::exception& error) {  // none is expected; but it must not end as the kernel's fault
    fmt::print(stderr, "loopgate: {}\n", error.what());
    return exit_invalid;
  }
  return exit_status;
}
