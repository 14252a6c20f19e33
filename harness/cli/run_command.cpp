#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/paths.h"
#include "cli/plan_options.h"
#include "instrument/virtual_instrument.h"
#include "machine/qemu_machine.h"
#include "run/run_directory.h"
#include "run/runner.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct RunCommand {
  PlanRequest request;
  RunOptions options;
  std::string out;
  bool resume = false;
};

// Finished cells are on disk already, and QEMU dies with its parent: there is nothing else to do.
void on_interrupt(int) {
  constexpr char text[] = "\ninterrupted: finished cells are kept; go on with the same command and --resume\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, sizeof(text) - 1);
  ::_exit(130);
}

Result<std::vector<KernelImage>> images_of(const Plan& plan, const Images& images) {
  std::vector<KernelImage> all;
  for (const Kernel& kernel : plan.kernels) {
    auto image = images.kernel(kernel);
    if (!image) return tl::unexpected(image.error());
    all.push_back(std::move(*image));
  }
  return all;
}

// What the cells came to, as an exit status: a kernel that failed, then a bench that failed.
int status_of(const Plan& plan, const RunDirectory& directory) {
  int status = exit_pass;
  for (const Cell& cell : plan.cells) {
    const auto text = read_file(directory.folder_of(cell) / "outcome.json");
    const auto outcome = nlohmann::json::parse(text.value_or(""), nullptr, false);
    const std::string kind = outcome.is_object() ? outcome.value("outcome", "") : "";
    if (kind == "kernel_failed") return exit_fail;
    if (kind != "measured") status = exit_invalid;
  }
  return status;
}

Result<int> run(const RunCommand& command) {
  auto catalog = Catalog::find();
  if (!catalog) return tl::unexpected(catalog.error());
  auto plan = make_plan(command.request, *catalog);
  if (!plan) return tl::unexpected(plan.error());
  auto qemu = identify_qemu(plan->board, instrument_plugin());
  if (!qemu) return tl::unexpected(qemu.error());
  const Images images(catalog->root(), target_programs(), [](const std::string& line) { fmt::print(stderr, "{}\n", line); });
  auto kernels = images_of(*plan, images);
  if (!kernels) return tl::unexpected(kernels.error());
  auto target = images.target();
  if (!target) return tl::unexpected(target.error());

  const auto description = describe_run(*plan, *kernels, *target, *qemu, command.options.jobs, LOOPGATE_VERSION);
  auto directory = RunDirectory::open(fs::absolute(command.out), description, command.resume);
  if (!directory) return tl::unexpected(directory.error());

  const Board board = plan->board;
  QemuMachine machine(board, *qemu, [board] { return std::make_unique<VirtualInstrument>(board, instrument_plugin()); },
                      StateStore(cache_directory() / "states"));
  const std::uint64_t stimuli = pulses_of(*plan, plan->cells.front()).self_checks +
                                static_cast<std::uint64_t>(plan->suite.warm_up) + static_cast<std::uint64_t>(plan->samples);
  {
    Progress progress(stderr, ::isatty(STDERR_FILENO) != 0, plan->cells.size(), stimuli);
    auto done = run_cells(*plan, *kernels, *target, &machine, *directory, command.options, &progress);
    if (!done) return tl::unexpected(done.error());
  }
  return status_of(*plan, *directory);
}

}  // namespace

void add_run(CLI::App* app, int* exit_status) {
  auto command = std::make_shared<RunCommand>();
  CLI::App* sub = app->add_subcommand("run", "boot the kernels, put them under load and measure");
  sub->footer("Example: loopgate run irq-to-gpio --kernel generic --kernel preempt-rt --load mixed --jobs 2 --out runs/today");
  add_plan_options(sub, &command->request);
  sub->add_option("--out", command->out, "folder of the run; must not exist")->required();
  sub->add_option("--jobs", command->options.jobs, "cells at a time; in virtual time this changes no figure")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  sub->add_flag("--resume", command->resume, "go on with an interrupted run: finished cells are kept");
  sub->add_flag("--verify-determinism", command->options.verify_determinism,
                "measure each cell twice; unequal samples make it INVALID");
  sub->callback([command, exit_status] {
    ::signal(SIGINT, on_interrupt);
    ::signal(SIGTERM, on_interrupt);
    auto status = run(*command);
    *exit_status = status ? *status : told(status.error());
  });
}

}  // namespace loopgate
