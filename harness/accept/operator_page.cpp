#include "accept/operator_page.h"

#include <fmt/format.h>

#include "base/units.h"
#include "gate/verdict.h"
#include "record/run_record.h"
#include "run/plan_text.h"
#include "run/shard.h"

namespace loopgate {
namespace {

constexpr std::int64_t ns_a_minute = 60'000'000'000;

std::string wired_text(const AcceptanceStep& step) {
  const Plan& plan = step.session.plan;
  if (plan.board.is_virtual()) return "nothing: QEMU plays the board and its instrument";
  const RunRecord run = step.session.describe(step.request, 1, {});
  const auto* board = std::get_if<BoardMachineRecord>(&run.machine);
  if (board == nullptr) return "as the board's file says";
  std::string text = fmt::format("chip {}", board->gpio_chip);
  for (const auto& [name, line] : board->lines)
    if (line >= 0) text += fmt::format(", {} on line {}", name, line);
  return text + "; boards/README.md shows which go together";
}

// Of one core on the virtual bench, of the schedule on a board: about so much.
std::string duration_text(const PlannedAcceptance& planned) {
  std::int64_t ns = 0;
  for (const AcceptanceStep& step : planned.steps)
    for (const Cell& cell : step.session.plan.cells) ns += expected_cost_ns(step.session.plan, cell);
  return fmt::format("about {}, and a boot for each kernel that was never booted here",
                     counted_text(static_cast<std::uint64_t>(1 + ns / ns_a_minute), {"minute", "minutes"}));
}

template <class Named>
std::string listed(const std::vector<Named>& all) {
  std::string names;
  for (const Named& each : all) names += (names.empty() ? "" : ", ") + each.name;
  return printable(names);
}

std::string run_text(const AcceptanceStep& step) {
  const Plan& plan = step.session.plan;
  return fmt::format("  {}: suite {}; kernels: {}; loads: {}; {} of {} counted stimuli; policy {}; seed {}\n",
                     printable(step.planned.name), printable(plan.suite.name), listed(plan.kernels),
                     listed(plan.loads), counted_text(plan.cells.size(), {"cell", "cells"}), plan.samples,
                     printable(step.planned.policy), plan.seed);
}

}  // namespace

std::string start_page(const PlannedAcceptance& planned, const std::filesystem::path& out) {
  const AcceptanceRecord& record = planned.record;
  const Board& board = planned.steps.front().session.plan.board;
  std::string text = fmt::format("\nAcceptance: {}\n", printable(planned.plan.title));
  text += fmt::format("for {}, at {}, by {}; id {}; attempt {}\n", printable(record.told.customer),
                      printable(record.told.site), printable(record.told.tester), record.id,
                      record.attempts.size());
  text += fmt::format("Board: {}, {}\n", printable(board.name), time_text(board));
  text += fmt::format("Wired: {}\n", printable(wired_text(planned.steps.front())));
  text += "Runs, in this order:\n";
  for (const AcceptanceStep& step : planned.steps) text += run_text(step);
  text += fmt::format("Seeds: {}\n", record.nonce.empty()
                                         ? "not derived, since no --nonce was given (a deviation)"
                                         : "derived from the nonce and the kernel images");
  text += fmt::format("Takes: {}\n", duration_text(planned));
  text += fmt::format(
      "When something is wrong: leave {} as it is, and repeat this command with --resume. What was finished "
      "is "
      "kept, and each further attempt is noted. `loopgate doctor` says what this machine lacks.\n",
      printable(out.string()));
  return text;
}

std::string end_page(const std::filesystem::path& bundle, BundleIs bundle_is,
                     const std::optional<std::filesystem::path>& statement,
                     const std::filesystem::path& signature) {
  std::string text =
      fmt::format("{} {}; {}.\n", printable(bundle.string()),
                  bundle_is == BundleIs::written_now
                      ? "is written"
                      : "was there already, verifies, and was not written again: nothing was measured",
                  signature.empty() ? "it is not signed" : printable(signature.string()) + " signs it");
  text += statement
              ? fmt::format("{} has the verdict as an in-toto statement.\n", printable(statement->string()))
              : "There is no in-toto statement: it has a word for PASS and for FAIL alone.\n";
  text += fmt::format("Hand over all of these. Who gets them checks: loopgate verify {}\n",
                      printable(bundle.filename().string()));
  return text;
}

}  // namespace loopgate
