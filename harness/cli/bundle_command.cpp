#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>

#include "bundle/pack.h"
#include "bundle/verify.h"
#include "cli/commands.h"
#include "cli/version.h"
#include "config/catalog.h"
#include "gate/comparison_table.h"
#include "gate/verdict_text.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct BundleCommand {
  std::string run;
  std::string policy;
  std::string out;
};

// A bundle holds one run: what its policy says of another one judges nothing.
std::string not_judged_text(const Verdict& verdict) {
  const auto ratios = std::ranges::count(verdict.checks, std::string("baseline"), &Check::rule);
  if (ratios == 0) return {};
  return fmt::format("{} {} to a baseline {} not judged: a bundle holds one run\n", ratios,
                     ratios == 1 ? "ratio" : "ratios", ratios == 1 ? "was" : "were");
}

void print_verdict(const JudgedBundle& judged, Answer* answer) {
  const Verdict& verdict = judged.verdict;
  answer->print("{}", comparison_table(judged.comparison, &verdict));
  answer->print("\npolicy {}: {}\n", printable(verdict.policy_file), printable(verdict.policy_title));
  answer->print("{}{}{}", passed_budgets_text(verdict), problems_text(verdict), not_judged_text(verdict));
  for (const std::string& remark : verdict.remarks) answer->print("{}\n", printable(remark));
}

Result<int> bundle(BundleCommand command, Answer* answer) {
  TRY_STATUS(check_is_run(command.run));
  if (const auto catalog = Catalog::find()) command.policy = catalog->file(command.policy).string();
  TRY(judged, pack({command.run, command.policy, command.out, loopgate_version()}));
  print_verdict(judged, answer);
  answer->print("{} is written; it is not signed\n{}\n", printable(command.out),
                name_of(judged.verdict.verdict));
  return status_with_unreadable(unreadable_cells(judged.comparison), exit_status(judged.verdict));
}

Result<int> verify_bundle(const std::string& file, Answer* answer) {
  std::error_code error;
  const fs::path scratch = fs::temp_directory_path(error);
  if (error)
    return fail(ErrorKind::usage, fmt::format("TMPDIR names no folder: {}", error.message()),
                "set it to a folder with as much room as the bundle takes");
  TRY(verified, verify(file, scratch));
  const Manifest& manifest = verified.unpacked.manifest;
  print_verdict(verified.judged, answer);
  answer->print("\n{}: {} files are as the manifest has them, and the verdict is that of the raw samples\n",
                printable(file), manifest.files.size());
  answer->print("packed by loopgate {} {}{}\nsha256 {}\n", printable(manifest.loopgate),
                manifest.commit.empty() ? "of an unknown commit" : printable(manifest.commit),
                manifest.commit.ends_with("-dirty") ? ": built from a modified tree, no release" : "",
                verified.unpacked.sha256);
  answer->print(
      "Who packed it is not shown: no signature is looked at. Check one of the whole file with the "
      "tool that made it.\n{}\n",
      name_of(verified.judged.verdict.verdict));
  return status_with_unreadable(unreadable_cells(verified.judged.comparison),
                                exit_status(verified.judged.verdict));
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
  sub->callback([command, end] {
    const auto status = bundle(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

void add_verify(CLI::App* app, CommandEnd* end) {
  auto file = std::make_shared<std::string>();
  CLI::App* sub = app->add_subcommand("verify", "computes a bundle's verdict again from its raw samples");
  sub->footer(
      "Example: loopgate verify acceptance.lgb\n"
      "It needs no network, and in $TMPDIR as much room as the bundle takes.\n"
      "Exit status: that of the verdict; 3 where the bundle was altered.");
  sub->add_option("bundle", *file, "the file that `loopgate bundle` wrote")->required();
  sub->callback([file, end] {
    const auto status = verify_bundle(*file, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
