#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/place_to_write.h"
#include "cli/between_kernels.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/own_files.h"
#include "config/catalog.h"
#include "cost/cost.h"
#include "cost/cost_text.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr double ns_in_us = 1000;

struct CostCommand {
  PlanRequest plan;
  RunOptions options;
  std::string from, to;
  std::vector<std::string> globs;
  std::string by = "p50";
  std::optional<double> least_us;
  std::size_t most_kernels = 0;
  bool without_functions = false;
  std::string out;
};

Result<CostRequest> cost_request(const CostCommand& command, const Catalog& catalog) {
  CostRequest request;
  TRY(from, catalog.kernel(command.from));
  TRY(to, catalog.kernel(command.to));
  request.from = std::move(from);
  request.to = std::move(to);
  request.globs = command.globs;
  request.by = command.by;
  if (command.least_us) request.least_ns = *command.least_us * ns_in_us;
  request.most_kernels = command.most_kernels;
  request.functions = !command.without_functions;
  request.folder = fs::absolute(command.out);
  request.on_step = [by = command.by](const CostStep& step) { show_progress("step " + step_text(step, by)); };
  return request;
}

Result<int> cost(CostCommand command, Answer* answer) {
  TRY(catalog, Catalog::find());
  TRY_STATUS(use_own_files(catalog, &command.plan));
  TRY_STATUS(check_folder_place(command.out, "--out"));
  PlanRequest asked = command.plan;
  asked.kernels = {command.from};
  TRY(plan, make_plan(asked, catalog));
  TRY_STATUS(check_cost_plan(plan));
  TRY(request, cost_request(command, catalog));
  TRY(record, run_cost(request, bench_at_terminal(command.plan, {}, command.options, catalog)));
  answer->print("{}{}", cost_text(record), draw_beside(catalog, "cost", request.folder, cost_file));
  return record.is_finished ? exit_pass : exit_inconclusive;
}

}  // namespace

void add_cost(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<CostCommand>();
  CLI::App* sub = app->add_subcommand("cost", "what each difference between two kernels adds to the latency");
  sub->footer(
      "Example: loopgate cost irq-to-gpio --from trimmed-rt --to preempt-rt --option 'CONFIG_AUDIT*' --load "
      "mixed --out runs/cost\n"
      "The options, arguments and settings of the one kernel go in until it is the other, and the groups\n"
      "that add most are divided by halves, down to one or to those that depend on each other. Where the\n"
      "other kernel is a package, its options are built from the sources of the first. The same command\n"
      "goes on with what was interrupted.\n"
      "Exit status: 0 all is divided, 1 one of the two kernels failed, 2 usage, 3 the bench, or a kernel\n"
      "that is INVALID, 4 --kernels were too few.");
  add_between_options(sub, &command->plan, &command->options);
  sub->add_option("--from", command->from,
                  "the kernel that the differences go into: a .toml, or a file in fixtures/kernels/")
      ->required();
  sub->add_option("--to", command->to, "the kernel that it becomes")->required();
  sub->add_option("--option", command->globs,
                  "of a package that --to names, only these options; * stands for anything; may be repeated");
  sub->add_option("--by", command->by, "the latency: p50, p99, max, mean_above_p99_5")->capture_default_str();
  sub->add_option("--least", command->least_us,
                  "in us: a group that adds less is not divided (default: 1 % of the first kernel's, and at "
                  "least what chance reaches)")
      ->check(CLI::PositiveNumber);
  sub->add_option("--kernels", command->most_kernels,
                  "measure at most so many kernels between the two (default: as many as it takes)")
      ->check(CLI::Range(1, 100000));
  sub->add_flag("--without-functions", command->without_functions,
                "do not trace the median stimulus to name the functions");
  sub->add_option("--out", command->out, "folder of the cost")->required();
  sub->callback([command, end] {
    end_when_interrupted(GoOn::by_the_same_command);
    auto status = cost(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
