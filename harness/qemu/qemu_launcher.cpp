#include "qemu/qemu_launcher.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "base/file.h"
#include "qemu/acpi_table.h"
#include "qemu/qemu_command.h"
#include "qemu/qemu_scratch.h"
#include "qemu/saved_state.h"
#include "record/artifacts.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// That of the memory which a cell's files fit into.
const ChannelLayout& layout_for(const CellRequest& request) {
  std::size_t end = 0;
  for (const PayloadFile& file : request.files) end = std::max(end, file.offset + file.size);
  return channel_layout(end);
}

}  // namespace

QemuLauncher::QemuLauncher(const Board& board, QemuIdentity identity, InstrumentFactory instruments)
    : board_(board), identity_(std::move(identity)), instruments_(std::move(instruments)) {}

MachineRecord QemuLauncher::describe() const {
  return QemuMachineRecord{
      identity_.version, identity_.binary_sha256, board_.qemu().icount_shift, identity_.instrument_sha256,
      board_.cpus,       board_.qemu().slice_ns};
}

Measurement QemuLauncher::measurement_for(const CellRequest& request, bool restore,
                                          std::int64_t saved_at_ns) const {
  Measurement measurement;
  measurement.folder = QemuScratch::path_of(request.folder, restore);
  measurement.channel = measurement.folder / QemuScratch::channel_file;
  measurement.channel_layout = layout_for(request);
  if (!restore) return measurement;
  measurement.pulses = pulses_of(request.work);
  if (const auto* programs = std::get_if<ProgramsRequest>(&request.work)) {
    measurement.programs_timeout_ns = programs->timeout_ns;
  } else {
    measurement.samples = request.folder / samples_artifact.name;
  }
  if (const auto* responses = std::get_if<ResponseRequest>(&request.work))
    measurement.bench_monitors = responses->bench_monitors;
  measurement.trace = request.trace;
  measurement.aim = request.aim;
  measurement.storm_per_second = request.storm_per_second;
  measurement.saved_at_ns = saved_at_ns;
  measurement.ready_timeout_ns = request.ready_limit_ns;
  return measurement;
}

std::vector<std::string> QemuLauncher::command_for(const CellRequest& request, const Measurement& measurement,
                                                   bool restore, const fs::path& memory,
                                                   const fs::path& console) const {
  const QemuFiles files{request.kernel->image,
                        request.target.initrd,
                        memory,
                        measurement.channel,
                        measurement.channel_layout.size,
                        console,
                        measurement.folder / QemuScratch::monitor_file,
                        measurement.folder / QemuScratch::acpi_table_file};
  return qemu_command(board_, files, kernel_command_line(board_, request.kernel_arguments),
                      instruments_.arguments(measurement), restore);
}

std::string QemuLauncher::state_key(const CellRequest& request) const {
  // The paths differ from cell to cell and have no part in the guest's state.
  const QemuFiles files{"kernel",  "initrd",  "memory",    "channel", layout_for(request).size,
                        "console", "monitor", "acpi-table"};
  std::vector<std::string> inputs =
      qemu_command(board_, files, kernel_command_line(board_, request.kernel_arguments), {}, false);
  inputs.insert(inputs.end(), {identity_.version, identity_.binary_sha256, identity_.instrument_sha256,
                               request.kernel->image_sha256, request.target.initrd_sha256});
  // What is on no command line of QEMU's.
  if (board_.cpus > 1) inputs.push_back(fmt::format("slice of {} ns", board_.qemu().slice_ns));
  if (brings_controller(board_)) inputs.push_back(sha256_of(gpio_acpi_table()));
  return StateStore::key(inputs);
}

Result<QemuLauncher::Started> QemuLauncher::start(const CellRequest& request, const Measurement& measurement,
                                                  bool restore, const fs::path& memory,
                                                  const fs::path& console) const {
  TRY(scratch, QemuScratch::make(measurement.folder, measurement.channel_layout));
  if (brings_controller(board_))
    TRY_STATUS(write_file_atomically(scratch.path() / QemuScratch::acpi_table_file, gpio_acpi_table()));
  auto instrument = instruments_.make();
  TRY_STATUS(instrument->prepare(measurement));
  TRY(session,
      QemuSession::start(command_for(request, measurement, restore, memory, console),
                         scratch.path() / QemuScratch::errors_file, scratch, instrument.get(), request.stop));
  return Started{std::move(scratch), std::move(instrument), std::move(session)};
}

}  // namespace loopgate
