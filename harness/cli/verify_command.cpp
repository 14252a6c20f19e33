#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "accept/chain.h"
#include "accept/rerun.h"
#include "accept/verify_acceptance.h"
#include "base/json.h"
#include "base/temporary_folder.h"
#include "base/units.h"
#include "bundle/sign.h"
#include "bundle/verify.h"
#include "cli/acceptance_text.h"
#include "cli/bundle_text.h"
#include "cli/commands.h"
#include "cli/version.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct VerifyCommand {
  std::vector<std::string> bundles;
  bool chain = false;
  bool rerun = false;
  std::string sign;
  Trust trust;
};

Result<Rerun> rerun_all(const std::vector<fs::path>& run_folders) {
  Rerun all;
  for (const fs::path& folder : run_folders) {
    TRY(one, rerun(folder, loopgate_version(), show_progress));
    all.repeated += one.repeated;
    std::ranges::move(one.not_measured, std::back_inserter(all.not_measured));
    all.machines_there.merge(one.machines_there);
    all.machines_here.merge(one.machines_here);
  }
  if (all.repeated == 0)
    return fail(ErrorKind::data,
                "--rerun: no cell of the bundle was measured, so none can be measured again");
  return all;
}

// --rerun, and --sign once every cell has repeated. The bundle has the digest of each cell's samples: who
// signs it then signs them, and so the bytes that are signed are those that were verified.
Status rerun_runs(const VerifyCommand& command, const std::vector<fs::path>& run_folders,
                  const std::string& sha256, Answer* answer) {
  if (!command.rerun) return {};
  const fs::path bundle = command.bundles.front();
  std::optional<Signing> signing;
  if (!command.sign.empty()) {
    TRY(planned, plan_signing(bundle, command.sign));
    signing = std::move(planned);
  }
  TRY(all, rerun_all(run_folders));
  answer->print("{} measured again here, and {} samples are equal to the byte\n",
                counted_text(all.repeated, {"cell was", "cells were"}), all.repeated == 1 ? "its" : "their");
  answer->print("measured there with {}, and here with {}\n",
                printable(fmt::format("{}", fmt::join(all.machines_there, "; "))),
                fmt::join(all.machines_here, "; "));
  for (const std::string& each : all.not_measured)
    answer->print("not measured again, since the bundle has no measurement of it: {}\n", printable(each));
  if (!signing) return {};
  if (!all.not_measured.empty())
    return fail(ErrorKind::data,
                fmt::format("--sign: {} no measurement, and did not repeat; the first: {}",
                            counted_text(all.not_measured.size(),
                                         {"cell of the bundle is", "cells of the bundle are"}),
                            all.not_measured.front()),
                "nothing was signed: --sign is for a bundle whose every cell repeats");
  TRY_STATUS(sign_these_bytes(bundle, sha256, *signing));
  answer->print("{} signs the bundle, and with it the digest of each cell's samples\n",
                printable(signing->signature.string()));
  return {};
}

Result<int> show_run(const VerifyCommand& command, const OpenedBundle& opened, Answer* answer) {
  TRY(verified, verify_run(opened));
  print_release(verified.release, answer);
  print_judged(verified.judged, answer);
  answer->print("\n{}: {} files are as the manifest has them, and the verdict is that of the raw samples\n",
                printable(command.bundles.front()), verified.unpacked.manifest.files.size());
  if (!verified.judged.verdict.worst_case_sha256.empty())
    answer->print(
        "Bounds and hunts that it judges are those of worst-case.json and hunt.json in the bundle, and were "
        "not made again: `loopgate bound` and `loopgate hunt` make them of the unpacked run\n");
  print_packed_by(verified.unpacked, verified.added_since, answer);
  print_signatures(verified.signatures, answer);
  TRY_STATUS(rerun_runs(command, {opened.root / run_in_bundle}, opened.unpacked.sha256, answer));
  answer->print("It is a plain bundle, no acceptance: its seed is not derived from a nonce.\n{}\n",
                name_of(verified.judged.verdict.verdict));
  return status_with_unreadable(unreadable_cells(verified.judged.comparison),
                                exit_status(verified.judged.verdict));
}

// Of all runs, once.
ReleaseCheck release_of(const VerifiedAcceptance& verified) {
  ReleaseCheck whole;
  for (std::size_t i = 0; i < verified.releases.size(); ++i) {
    const std::string run = verified.runs[i].planned.name + ": ";
    for (const std::string& each : verified.releases[i].released) whole.released.push_back(run + each);
    for (const std::string& each : verified.releases[i].modified) whole.modified.push_back(run + each);
  }
  return whole;
}

void print_expected_signatures(const VerifiedAcceptance& verified, Answer* answer) {
  print_signatures(verified.signatures, answer);
  const std::size_t held = verified.signatures ? verified.signatures->held.size() : 0;
  answer->print("The plan wants signatures of {} of {} parties; {} {} shown here.\n",
                verified.plan.signatures_wanted, verified.plan.signatures_of, held, held == 1 ? "is" : "are");
}

void show_acceptance(const std::string& bundle, const VerifiedAcceptance& verified, Answer* answer) {
  print_release(release_of(verified), answer);
  print_acceptance(verified.document, verified.runs, answer);
  answer->print(
      "\n{}: {} files are as the manifest has them; verdicts, plan{} are those of the raw samples\n",
      printable(bundle), verified.unpacked.manifest.files.size(),
      verified.record.nonce.empty() ? "" : " and the seeds of the nonce");
  print_packed_by(verified.unpacked, verified.added_since, answer);
  print_expected_signatures(verified, answer);
}

// What the plan says that parties sign is held to where keys are trusted; --signatures says another number.
Status check_signed_as_planned(const std::string& bundle, const VerifiedAcceptance& verified,
                               const Trust& trust) {
  if (trust.keys.empty() || trust.signatures != 0) return {};
  const auto wanted = static_cast<std::size_t>(verified.plan.signatures_wanted);
  const std::size_t held = verified.signatures ? verified.signatures->held.size() : 0;
  if (held >= wanted) return {};
  return fail(ErrorKind::data,
              fmt::format("{}: {} of the {} signatures that its plan wants {} shown", bundle, held, wanted,
                          held == 1 ? "is" : "are"),
              "give --trust for the key of each further party, or --signatures for fewer");
}

Result<int> verify_one(const VerifyCommand& command, const fs::path& scratch, Answer* answer) {
  const std::string& bundle = command.bundles.front();
  TRY(opened, open_bundle(bundle, scratch, loopgate_version(), command.trust));
  if (!is_acceptance(opened.unpacked.manifest)) return show_run(command, opened, answer);
  TRY(verified, verify_acceptance(opened));
  TRY_STATUS(check_signed_as_planned(bundle, verified, command.trust));
  show_acceptance(bundle, verified, answer);
  if (verified.record.predecessor)
    answer->print(
        "It comes after an earlier one, which was not looked at: loopgate verify --chain A.lgb B.lgb\n");
  std::vector<fs::path> folders;
  for (const AcceptedRun& each : verified.runs)
    folders.push_back(opened.root / folder_of_run(each.planned.name) / run_in_bundle);
  TRY_STATUS(rerun_runs(command, folders, opened.unpacked.sha256, answer));
  answer->print("{}\n", name_of(verdict_of(verified.runs)));
  return status_of_runs(verified.runs);
}

Result<VerifiedAcceptance> verify_link(const std::string& bundle, const fs::path& scratch,
                                       const Trust& trust) {
  TRY(opened, open_bundle(bundle, scratch, loopgate_version(), trust));
  if (!is_acceptance(opened.unpacked.manifest))
    return fail(ErrorKind::usage,
                fmt::format("--chain: {} is a run's bundle, and names no predecessor", bundle),
                "give the bundles that `loopgate accept` wrote");
  TRY(verified, verify_acceptance(opened));
  TRY_STATUS(check_signed_as_planned(bundle, verified, trust));
  return verified;
}

Result<int> verify_chain(const VerifyCommand& command, const fs::path& scratch, Answer* answer) {
  std::vector<VerifiedAcceptance> verified;
  std::vector<ChainLink> links;
  for (const std::string& bundle : command.bundles) {
    TRY(one, verify_link(bundle, scratch, command.trust));
    const AcceptanceRecord& record = one.record;
    links.push_back({bundle, one.unpacked.sha256, record.id, record.begun, record.ended, record.predecessor});
    verified.push_back(std::move(one));
  }
  TRY(order, order_of_chain(links));
  const std::size_t latest = order.back();
  show_acceptance(command.bundles[latest], verified[latest], answer);
  answer->print("\nThe chain, from its beginning:\n");
  for (const std::size_t i : order)
    answer->print("  {}: {}, ended {}{}\n", printable(command.bundles[i]),
                  name_of(verdict_of(verified[i].runs)), verified[i].record.ended,
                  i == latest ? ", the latest of these" : "");
  answer->print("{}\n", name_of(verdict_of(verified[latest].runs)));
  return status_of_runs(verified[latest].runs);
}

Result<int> verify_bundles(const VerifyCommand& command, Answer* answer) {
  if (!command.chain && command.bundles.size() > 1)
    return fail(ErrorKind::usage, fmt::format("verify: {} bundles are named", command.bundles.size()),
                "name one, or give --chain where they come after each other");
  if (command.chain && command.rerun)
    return fail(ErrorKind::usage, "--rerun: is of one bundle, and --chain of several", "give one of the two");
  if (!command.sign.empty() && !command.rerun)
    return fail(ErrorKind::usage, "--sign: signs what was measured again, and nothing is",
                "add --rerun; minisign or ssh-keygen sign a bundle without it");
  TRY(scratch, temporary_folder());
  return command.chain ? verify_chain(command, scratch, answer) : verify_one(command, scratch, answer);
}

}  // namespace

void add_verify(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<VerifyCommand>();
  CLI::App* sub = app->add_subcommand("verify", "computes a bundle's verdict again from its raw samples");
  sub->footer(
      "Example: loopgate verify acceptance.lgb --trust vendor.pub\n"
      "Example: loopgate verify --chain first.lgb second.lgb\n"
      "Signatures are the files beside it: acceptance.lgb.minisig, acceptance.lgb.NAME.sig.\n"
      "It needs no network, and in $TMPDIR as much room as the bundle takes.\n"
      "Exit status: that of the verdict, with --chain of the latest one's; 3 where a bundle was altered, is "
      "not "
      "signed as wanted, or the chain is broken.");
  sub->add_option("bundle", command->bundles, "the file that `loopgate bundle` or `accept` wrote")
      ->required();
  sub->add_flag(
      "--chain", command->chain,
      "several acceptances, each after another (accept --after): none is missing, and none forks off");
  sub->add_flag(
      "--rerun", command->rerun,
      "measures every cell again on this machine's virtual bench: the samples must be equal to the byte");
  sub->add_option("--sign", command->sign,
                  "with --rerun: signs the bundle with this key where every cell has repeated");
  sub->add_option("--trust", command->trust.keys,
                  "a signer's public key, of minisign or OpenSSH; again for each further one")
      ->allow_extra_args(false);
  sub->add_option("--signatures", command->trust.signatures,
                  "how many of the trusted keys must have signed; without it, each of them, and as many as "
                  "the plan of an "
                  "acceptance wants")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}));
  sub->callback([command, end] {
    const auto status = verify_bundles(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
