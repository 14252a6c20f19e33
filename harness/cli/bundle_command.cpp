#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bundle/pack.h"
#include "bundle/sign.h"
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
  std::string sign;
};

struct VerifyCommand {
  std::string bundle;
  Trust trust;
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
  std::optional<Signing> signing;
  if (!command.sign.empty()) {
    TRY(planned, plan_signing(command.out, command.sign));
    signing = std::move(planned);
  }
  TRY(judged, pack({command.run, command.policy, command.out, loopgate_version()}));
  if (signing) {
    TRY_STATUS(sign(command.out, *signing));
  }
  print_verdict(judged, answer);
  answer->print("{} is written; {}\n{}\n", printable(command.out),
                signing ? printable(signing->signature.string()) + " signs it" : "it is not signed",
                name_of(judged.verdict.verdict));
  return status_with_unreadable(unreadable_cells(judged.comparison), exit_status(judged.verdict));
}

std::string of_this_loopgate() {
  const LoopgateVersion own = loopgate_version();
  return fmt::format("loopgate {} {}{}", own.version,
                     own.commit.empty() ? "of an unknown commit" : own.commit,
                     own.commit.ends_with("-dirty") ? ", itself built from a modified tree" : "");
}

// The first line, which nobody misses: a softened limit or load has the released one's name.
void print_release(const ReleaseCheck& check, Answer* answer) {
  if (check.modified.empty()) {
    answer->print("RELEASED: {}, as {} ships them\n\n",
                  printable(fmt::format("{}", fmt::join(check.released, ", "))), of_this_loopgate());
    return;
  }
  answer->print("MODIFIED: {}\n", printable(fmt::format("{}", fmt::join(check.modified, "; "))));
  answer->print(
      "Held against the files of {}; a bundle of another version may be as that one ships them.\n\n",
      of_this_loopgate());
}

void print_signatures(const std::optional<CheckedSignatures>& checked, Answer* answer) {
  if (!checked) {
    answer->print(
        "Who packed it is not shown: no signature was checked. Name the signer's public key by --trust.\n");
    return;
  }
  answer->print("signatures of trusted keys that hold: {}; wanted: {}\n", checked->held.size(),
                checked->wanted);
  for (const HeldSignature& each : checked->held)
    answer->print("  {}: by {}\n", printable(each.signature.filename().string()),
                  printable(each.key.string()));
  for (const std::string& each : checked->not_counted) answer->print("  {}\n", printable(each));
}

Result<int> verify_bundle(const VerifyCommand& command, Answer* answer) {
  std::error_code error;
  const fs::path scratch = fs::temp_directory_path(error);
  if (error)
    return fail(ErrorKind::usage, fmt::format("TMPDIR names no folder: {}", error.message()),
                "set it to a folder with as much room as the bundle takes");
  TRY(verified, verify(command.bundle, scratch, command.trust));
  const Manifest& manifest = verified.unpacked.manifest;
  print_release(verified.release, answer);
  print_verdict(verified.judged, answer);
  answer->print("\n{}: {} files are as the manifest has them, and the verdict is that of the raw samples\n",
                printable(command.bundle), manifest.files.size());
  answer->print("packed by loopgate {} {}{}\nsha256 {}\n", printable(manifest.loopgate),
                manifest.commit.empty() ? "of an unknown commit" : printable(manifest.commit),
                manifest.commit.ends_with("-dirty") ? ": built from a modified tree, no release" : "",
                verified.unpacked.sha256);
  print_signatures(verified.signatures, answer);
  answer->print("{}\n", name_of(verified.judged.verdict.verdict));
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
  sub->add_option(
      "--sign", command->sign,
      "signs it with this secret key of minisign or OpenSSH; the program asks for its passphrase");
  sub->callback([command, end] {
    const auto status = bundle(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

void add_verify(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<VerifyCommand>();
  CLI::App* sub = app->add_subcommand("verify", "computes a bundle's verdict again from its raw samples");
  sub->footer(
      "Example: loopgate verify acceptance.lgb --trust vendor.pub\n"
      "Signatures are the files beside it: acceptance.lgb.minisig, acceptance.lgb.NAME.sig.\n"
      "It needs no network, and in $TMPDIR as much room as the bundle takes.\n"
      "Exit status: that of the verdict; 3 where the bundle was altered, or is not signed as wanted.");
  sub->add_option("bundle", command->bundle, "the file that `loopgate bundle` wrote")->required();
  sub->add_option("--trust", command->trust.keys,
                  "a signer's public key, of minisign or OpenSSH; again for each further one")
      ->allow_extra_args(false);
  sub->add_option("--signatures", command->trust.signatures,
                  "how many of the trusted keys must have signed; without it, each of them")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}));
  sub->callback([command, end] {
    const auto status = verify_bundle(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
