#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/process.h"
#include "cli/commands.h"
#include "cli/own_files.h"
#include "cli/plan_options.h"
#include "run/cell_request.h"
#include "run/kernel_in_effect.h"
#include "run/plan_text.h"
#include "run/session.h"

namespace loopgate {
namespace {

struct PlanCommand {
  PlanRequest request;
  std::string out = "RUN";
  bool commands = false;
};

// On virtual time the state after boot is saved once and restored for each cell; a board boots anew.
std::vector<std::string> commands_of(const Machine& machine, const Plan& plan, const CellRequest& request) {
  constexpr const char* steps[] = {"boot, and save the state: ", "restore it, and measure:  "};
  std::vector<std::string> lines;
  for (const auto& command : machine.commands(request)) {
    const bool named = plan.board.is_virtual() && lines.size() < std::size(steps);
    lines.push_back((named ? steps[lines.size()] : "") + quoted(command));
  }
  return lines;
}

// "linux-image-6.12.118+deb13-arm64 6.12.118-1"; of a kernel from source also whether it is built.
std::string provenance_text(const Kernel& kernel, const KernelFiles& files) {
  std::string text = files.provenance.package + " " + files.provenance.version;
  const auto* source = std::get_if<BuildSource>(&kernel.source);
  if (source == nullptr) return text;
  if (!source->tree.empty()) text = source->tree.string();
  text += files.is_built ? ", built from source" : ", not built yet: `run` builds it first";
  if (files.build.unknown_options.empty()) return text;
  return text + fmt::format(", without what its sources do not have: {}",
                            fmt::join(files.build.unknown_options, ", "));
}

void print_plan(const Session& session, const PlanCommand& command, Answer* answer) {
  const std::filesystem::path out = std::filesystem::absolute(command.out);
  const Plan& plan = session.plan;
  PlanDetails details;
  for (std::size_t i = 0; i < session.kernels.size(); ++i)
    details.kernels.push_back(provenance_text(plan.kernels[i], session.kernels[i]));
  details.remarks = same_kernels_of(plan, session.kernels);
  const std::unique_ptr<Machine> machine = session.machine();
  if (command.commands)
    details.commands = [&](const Cell& cell) {
      return commands_of(
          *machine, plan,
          request_for(plan, cell, session.kernels[cell.kernel], session.target, out / "cells" / cell.name));
    };
  answer->print("{}", plan_text(plan, details));
}

Result<Session> prepare(PlanCommand command) {
  TRY(catalog, Catalog::find());
  TRY_STATUS(use_own_files(catalog, &command.request));
  return prepare_session(command.request, show_progress, Building::never);
}

}  // namespace

void add_plan(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<PlanCommand>();
  CLI::App* sub = app->add_subcommand(
      "plan", "what `run` would do: the cells, and with --commands the exact command lines");
  sub->footer("Example: loopgate plan irq-to-gpio --kernel preempt-rt --load mixed --commands");
  add_plan_options(sub, &command->request);
  sub->add_flag("--commands", command->commands,
                "also the exact command lines of each kernel under each load, in their first replicate");
  sub->add_option("--out", command->out,
                  "folder that the run would have; paths in the command lines follow from it")
      ->capture_default_str();
  sub->callback([command, end] {
    auto session = prepare(*command);
    if (session) print_plan(*session, *command, &end->answer);
    end->exit_status = session ? exit_pass : report_error(session.error());
  });
}

}  // namespace loopgate
