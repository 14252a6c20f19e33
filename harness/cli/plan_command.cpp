#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/process.h"
#include "base/text.h"
#include "cli/bench.h"
#include "cli/commands.h"
#include "cli/plan_options.h"
#include "run/runner.h"

namespace loopgate {
namespace {

struct PlanCommand {
  PlanRequest request;
  std::string out = "RUN";
};

void print_plan(const Bench& bench, const std::filesystem::path& out) {
  const Plan& plan = bench.plan;
  fmt::print("suite {} · board {} · {} time · seed {} · {} stimuli in each cell\n", plan.suite.name,
             plan.board.name, name_of(plan.board.time_base), plan.seed,
             with_thousands(static_cast<std::uint64_t>(plan.samples)));
  for (std::size_t i = 0; i < plan.kernels.size(); ++i)
    fmt::print("kernel {}: {} {}\n", plan.kernels[i].name, bench.kernels[i].package,
               bench.kernels[i].version);
  const QemuMachine machine = bench.machine();
  for (const Cell& cell : plan.cells) {
    const CellOrder order =
        order_for(plan, cell, bench.kernels[cell.kernel], bench.target, out / "cells" / cell.name);
    fmt::print("\ncell {} · schedule seed {}\n", cell.name, cell.seed);
    const auto commands = machine.commands(order);
    fmt::print("  boot, and save the state: {}\n", quoted(commands[0]));
    fmt::print("  restore it, and measure:  {}\n", quoted(commands[1]));
  }
}

}  // namespace

void add_plan(CLI::App* app, int* exit_status) {
  auto command = std::make_shared<PlanCommand>();
  CLI::App* sub = app->add_subcommand("plan", "what `run` would do: the cells, and the exact command lines");
  sub->footer("Example: loopgate plan irq-to-gpio --kernel preempt-rt --load mixed");
  add_plan_options(sub, &command->request);
  sub->add_option("--out", command->out,
                  "folder that the run would have; paths in the command lines follow from it")
      ->capture_default_str();
  sub->callback([command, exit_status] {
    auto bench =
        prepare_bench(command->request, [](const std::string& line) { fmt::print(stderr, "{}\n", line); });
    if (bench) print_plan(*bench, std::filesystem::absolute(command->out));
    *exit_status = bench ? exit_pass : told(bench.error());
  });
}

}  // namespace loopgate
