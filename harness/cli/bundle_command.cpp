#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "bundle/pack.h"
#include "bundle/sign.h"
#include "cli/bundle_text.h"
#include "cli/commands.h"
#include "cli/version.h"
#include "config/catalog.h"
#include "gate/verdict_text.h"

namespace loopgate {
namespace {

struct BundleCommand {
  std::string run;
  std::string policy;
  std::string out;
  std::string sign;
};

Result<int> bundle(BundleCommand command, Answer* answer) {
  TRY_STATUS(check_is_run(command.run));
  tell_of_cells_beside(command.run);
  if (const auto catalog = Catalog::find()) command.policy = catalog->file(command.policy).string();
  std::optional<Signing> signing;
  if (!command.sign.empty()) {
    TRY(planned, plan_signing(command.out, command.sign));
    signing = std::move(planned);
  }
  TRY(judged, pack({command.run, command.policy, command.out, loopgate_version()}));
  if (signing) {
    TRY_STATUS(sign(command.out, *signing));
  }
  print_judged(judged, answer);
  answer->print("{} is written; {}\n{}\n", printable(command.out),
                signing ? printable(signing->signature.string()) + " signs it" : "it is not signed",
                name_of(judged.verdict.verdict));
  return status_with_unreadable(unreadable_cells(judged.comparison), exit_status(judged.verdict));
}

}  // namespace

void add_bundle(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<BundleCommand>();
  CLI::App* sub = app->add_subcommand("bundle", "a run, its policy and the verdict in one file to hand over");
  sub->footer(
      "Example: loopgate bundle runs/today --policy suites/irq-to-gpio/release.toml --out acceptance.lgb\n"
      "Exit status: that of the verdict, as of gate.");
  sub->add_option("run", command->run, "folder of the run")->required();
  sub->add_option("--policy", command->policy,
                  "budgets (TOML); its rules against a baseline judge nothing here")
      ->required();
  sub->add_option("--out", command->out, "the bundle; must not exist")->required();
  sub->add_option(
      "--sign", command->sign,
      "signs it with this secret key of minisign or OpenSSH; the program asks for its passphrase");
  sub->callback([command, end] {
    const auto status = bundle(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
