#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string_view>

#include "base/file.h"
#include "base/place_to_write.h"
#include "bisect/bisect.h"
#include "bisect/bisect_text.h"
#include "cli/between_kernels.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/own_files.h"
#include "config/catalog.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct BisectCommand {
  PlanRequest plan;
  RunOptions options;
  std::string good, bad, step;
  std::string policy;
  std::string out;
};

// The median, which null changes keep within this ratio and a change of the path does not.
std::string default_policy(const std::string& suite, TimeBase time_base) {
  return fmt::format(
      "# What a step of this bisection was judged by; a --policy of your own says it otherwise.\n"
      "title = \"p50 at most 1.01 of the good end's\"\n"
      "suite = \"{}\"\n"
      "time_base = \"{}\"\n\n"
      "[[baseline]]\nkernel = \"*\"\nload = \"*\"\nquantity = \"p50\"\nmax_ratio = 1.01\n",
      suite, time_base == TimeBase::virtual_time ? "virtual" : "wall");
}

Result<Policy> policy_of(const BisectCommand& command, const Catalog& catalog) {
  if (!command.policy.empty()) return read_policy(catalog.file(command.policy));
  PlanRequest asked = command.plan;
  asked.kernels = {command.good};
  TRY(parts, read_parts(asked, catalog));
  const TimeBase time_base = parts.board.is_virtual() ? TimeBase::virtual_time : TimeBase::wall_clock;
  TRY_STATUS(make_directories(command.out));
  const std::string text = default_policy(parts.suite.name, time_base);
  TRY_STATUS(write_file_atomically(fs::path(command.out) / "policy.toml", text));
  return parse_policy(text, "policy.toml");
}

Result<KernelBench> bench_of(const BisectCommand& command, const Catalog& catalog) {
  TRY(policy, policy_of(command, catalog));
  return bench_at_terminal(command.plan, std::move(policy), command.options, catalog);
}

Result<BisectRequest> request_of(const BisectCommand& command, const std::string& other,
                                 const Catalog& catalog) {
  TRY(good, catalog.kernel(command.good));
  TRY(bad, catalog.kernel(other));
  return BisectRequest{std::move(good), std::move(bad), fs::absolute(command.out)};
}

Result<int> search(const BisectCommand& command, Answer* answer) {
  TRY(catalog, Catalog::find());
  TRY_STATUS(check_folder_place(command.out, "--out"));
  TRY(request, request_of(command, command.bad, catalog));
  TRY(difference, differences_of(request));
  for (const KernelChange& change : difference.changes) show_progress("differs: " + change.text());
  TRY(bench, bench_of(command, catalog));
  request.on_step = [](const BisectStep& step) { show_progress("step " + step_text(step)); };
  TRY(record, run_bisect(request, bench));
  answer->print("{}{}", bisect_text(record), draw_beside(catalog, "bisect", request.folder, bisect_file));
  return record.answer && record.answer->sure ? exit_pass : exit_inconclusive;
}

int status_of_step(StepResult result) {
  if (result == StepResult::good) return exit_pass;
  return result == StepResult::bad ? exit_fail : exit_cannot_test;
}

Result<int> judge_step(const BisectCommand& command, Answer* answer) {
  TRY(catalog, Catalog::find());
  TRY_STATUS(check_folder_place(command.out, "--out"));
  TRY(request, request_of(command, command.step, catalog));
  TRY(bench, bench_of(command, catalog));
  TRY(step, judge_one(request, bench));
  answer->print("{}: {}\n", name_of(step.result), printable(step.why));
  return status_of_step(step.result);
}

Result<int> bisect(BisectCommand command, Answer* answer) {
  if (command.bad.empty() == command.step.empty())
    return fail(ErrorKind::usage, "bisect takes one of --bad and --step",
                "--bad FILE searches between two kernels, --step FILE judges one");
  TRY(catalog, Catalog::find());
  TRY_STATUS(use_own_files(catalog, &command.plan));
  return command.step.empty() ? search(command, answer) : judge_step(command, answer);
}

}  // namespace

bool asks_for_step(int argc, char** argv) {
  const auto is_step = [](const char* word) {
    return std::string_view(word) == "--step" || std::string_view(word).starts_with("--step=");
  };
  return argc > 2 && std::string_view(argv[1]) == "bisect" && std::any_of(argv + 2, argv + argc, is_step);
}

void add_bisect(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<BisectCommand>();
  CLI::App* sub = app->add_subcommand("bisect", "what of two kernels' differences makes the one bad");
  sub->footer(
      "Example: loopgate bisect irq-to-gpio --good good.toml --bad bad.toml --load mixed --out runs/bisect\n"
      "Example: git bisect run loopgate bisect irq-to-gpio --good /k/good.toml --step /k/this.toml --out "
      "/k/b\n"
      "What differs between the two files is searched: commits and options of what is built from source,\n"
      "arguments, tuning, the image as a whole. Both ends are verified first, and the culprit is taken back "
      "from\n"
      "the bad end. The same command goes on with what was interrupted.\n"
      "Exit status: 0 found, 2 usage or an end is not what it is said to be, 3 the bench, 4 found, and not "
      "sure.\n"
      "With --step: 0 good, 1 bad, 125 cannot be tested or undecided, 128 and more ends git bisect.");
  add_between_options(sub, &command->plan, &command->options);
  sub->add_option("--good", command->good, "the kernel that is good: a .toml, or a file in fixtures/kernels/")
      ->required();
  sub->add_option("--bad", command->bad, "the kernel that is bad");
  sub->add_option("--step", command->step,
                  "judges this kernel alone against the good one, and searches nothing");
  sub->add_option("--policy", command->policy,
                  "whose FAIL is bad (TOML; its rules are of kernel \"*\"; default: p50 at most 1.01 of the "
                  "good kernel's)");
  sub->add_option("--out", command->out, "folder of the bisection")->required();
  sub->callback([command, end] {
    end_when_interrupted(GoOn::by_the_same_command);
    auto status = bisect(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
