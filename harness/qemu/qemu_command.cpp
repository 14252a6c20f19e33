#include "qemu/qemu_command.h"

#include <fmt/format.h>

#include "protocol/channel.h"
#include "protocol/instrument_settings.h"
#include "protocol/own_controller.h"
#include "protocol/told_counter.h"

namespace loopgate {
namespace {

// Of translated code: more than a run needs, and a bound to QEMU's own memory. Of several CPUs the one that
// finds it full loses the rest of its turn, which the size of the translated code then decides; where they
// are followed through the kernel that is twice as large (decisions/0075). It is memory only as far as it is
// used.
int translated_mib(const Board& board) { return board.cpus == 1 ? 64 : 512; }

// Of a feature that QEMU cannot play it would only warn, and the guest would have another CPU than the named
// one.
std::string cpu_of(const Board& board) {
  return board.qemu().cpu + (board.architecture == Architecture::amd64 ? ",enforce" : "");
}

}  // namespace

bool brings_controller(const Board& board) { return board.qemu().controller == own_controller; }

std::string qemu_option_value(const std::filesystem::path& path) {
  std::string value;
  for (const char c : path.string()) value += c == ',' ? std::string(",,") : std::string(1, c);
  return value;
}

std::string kernel_command_line(const Board& board, const std::string& arguments) {
  // nokaslr: equal addresses in every boot. panic=-1 with -no-reboot: a panic ends QEMU at once instead of
  // running until a time limit.
  std::string line = fmt::format(
      "console={} nokaslr panic=-1 loopgate.chip={} loopgate.control_in={} loopgate.control_out={}",
      board.qemu().console, board.gpio_chip, board.lines.control_in, board.lines.control_out);
  // The TSC counts the nanoseconds of the virtual clock.
  if (board.architecture == Architecture::amd64)
    line += fmt::format(" {}{}", counter_argument, 1'000'000'000);
  for (const std::string& more : {board.qemu().arguments, arguments})
    if (!more.empty()) line += " " + more;
  return line;
}

std::vector<std::string> qemu_command(const Board& board, const QemuFiles& files,
                                      const std::string& command_line,
                                      const std::vector<std::string>& instrument, bool restore) {
  std::vector<std::string> argv = {
      board.qemu().binary, "-machine",
      fmt::format("{},memory-backend={}", board.qemu().machine, guest_memory_name), "-cpu", cpu_of(board),
      "-smp", std::to_string(board.cpus), "-m", fmt::format("{}M", board.memory_mib), "-accel",
      fmt::format("tcg,thread=single,tb-size={}", translated_mib(board)),
      // The virtual clock: 2^shift ns an instruction, and no waiting for the host's clock when the guest
      // idles.
      "-icount", fmt::format("shift={},sleep=off", board.qemu().icount_shift),
      // Every input a function of the virtual clock: date, random seed, no network, no other devices.
      "-rtc", "base=2026-01-01T00:00:00,clock=vm", "-seed", "1", "-nic", "none", "-nodefaults",
      "-no-user-config", "-display", "none", "-no-reboot", "-serial",
      fmt::format("file:{}", files.console.string()),
      // Pages come from the file as the guest touches them: to read all of a stream, and to clear 512 MiB for
      // it, was 60 % of a short cell's host time.
      "-object",
      fmt::format("memory-backend-file,id={},{},size={}M,mem-path={}", guest_memory_name,
                  restore ? "share=off,readonly=on,rom=off" : "share=on", board.memory_mib,
                  qemu_option_value(files.memory)),
      "-object",
      fmt::format("memory-backend-file,id=channel,share=on,size={}M,mem-path={}", files.channel_size >> 20U,
                  qemu_option_value(files.channel)),
      "-device", "ivshmem-plain,memdev=channel,master=on", "-qmp",
      fmt::format("unix:{},server=on,wait=off", qemu_option_value(files.monitor)), "-S"};
  argv.insert(argv.end(), instrument.begin(), instrument.end());
  if (brings_controller(board))
    argv.insert(argv.end(), {"-acpitable", "file=" + qemu_option_value(files.acpi_table)});
  // A restored memory holds the kernel already; loading it again would cost half a second and 80 MiB.
  if (restore) {
    argv.insert(argv.end(), {"-incoming", "defer"});
  } else {
    argv.insert(argv.end(), {"-kernel", files.kernel.string(), "-initrd", files.initrd.string(), "-append",
                             command_line});
  }
  return argv;
}

}  // namespace loopgate
