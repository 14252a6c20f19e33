#include "config/board.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/digest.h"
#include "base/file.h"
#include "config/pin_lines.h"
#include "config/toml_table.h"

namespace loopgate {
namespace {

constexpr std::array<std::pair<const char*, BootMethod>, 4> boot_methods = {
    {{"tryboot", BootMethod::tryboot},
     {"extlinux", BootMethod::extlinux},
     {"grub", BootMethod::grub},
     {"kexec", BootMethod::kexec}}};

constexpr int most_cpus = 256;
constexpr int most_virtual_cpus = 4;  // they share the clock: each gets a quarter of it when all are busy

void read_int(TomlReader* reader, std::string_view key, int* out, std::int64_t least, std::int64_t most) {
  std::int64_t value = *out;
  if (!reader->optional(key, &value)) return;
  if (value < least || value > most)
    reader->refuse(key, "must be from " + std::to_string(least) + " to " + std::to_string(most));
  *out = static_cast<int>(value);
}

// A path on the board. It reaches scripts there, so nothing in it may mean anything to a shell.
void check_path(TomlReader* reader, std::string_view key, const std::string& path) {
  const bool plain = path.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                         "/._:+-") == std::string::npos;
  if (!path.starts_with('/') || path.find("/../") != std::string::npos || path.ends_with("/.."))
    reader->refuse(key, "must be an absolute path on the board");
  else if (!plain)
    reader->refuse(key, "must be a path of letters, digits and / . _ : + -");
}

// The slice that the CPUs' turns are held to, where there are turns.
void read_slice(TomlReader* reader, int cpus, QemuBoard* qemu) {
  if (cpus == 1 && reader->has("slice_ns"))
    reader->refuse("slice_ns", "is for boards with several CPUs, which take turns");
  if (cpus > 1 && !reader->has("slice_ns"))
    reader->refuse("slice_ns", "is missing: several CPUs take turns, of so many virtual ns each");
  read_int(reader, "slice_ns", &qemu->slice_ns, 100, 1'000'000);
  if (qemu->slice_ns % (1 << qemu->icount_shift) != 0)
    reader->refuse("slice_ns", "must be a multiple of what an instruction takes, by icount_shift");
}

// A kernel on a CPU of the other width says nothing at all, and would be blamed for its silence. The names
// are QEMU's of its 32-bit models (qemu-system-x86_64 -cpu help, qemu-system-aarch64 likewise).
bool has_64_bits(Architecture architecture, const std::string& binary, const std::string& cpu) {
  if (binary.ends_with("qemu-system-arm") || binary.ends_with("qemu-system-i386")) return false;
  const std::string model = cpu.substr(0, cpu.find(','));
  if (architecture == Architecture::amd64) {
    constexpr std::array begins = {"486", "athlon", "coreduo", "kvm32", "n270", "pentium", "qemu32"};
    return std::ranges::none_of(begins, [&](const char* begin) { return model.starts_with(begin); }) &&
           cpu.find(",-lm") == std::string::npos && cpu.find(",lm=off") == std::string::npos;
  }
  constexpr std::array begins = {"arm", "cortex-m", "cortex-r", "pxa", "sa1", "ti9"};
  constexpr std::array names = {"cortex-a7", "cortex-a8", "cortex-a9", "cortex-a15"};
  return std::ranges::none_of(begins, [&](const char* begin) { return model.starts_with(begin); }) &&
         std::ranges::find(names, model) == names.end();
}

void check_cpu(TomlReader* reader, Architecture architecture, const QemuBoard& qemu) {
  const bool wants_64_bits = architecture != Architecture::armhf;
  if (has_64_bits(architecture, qemu.binary, qemu.cpu) == wants_64_bits) return;
  reader->refuse("cpu", fmt::format("is a model {} 64 bits, and a kernel for {} needs one {}",
                                    wants_64_bits ? "without" : "with", name_of(architecture),
                                    wants_64_bits ? "with them" : "of 32"));
}

Status read_qemu(TomlTable table, const Board& board, QemuBoard* qemu) {
  TomlReader reader(std::move(table));
  reader.required("binary", &qemu->binary);
  reader.renamed("minimum_version", "min_version");
  reader.required("min_version", &qemu->min_version);
  reader.required("machine", &qemu->machine);
  reader.required("cpu", &qemu->cpu);
  check_cpu(&reader, board.architecture, *qemu);
  reader.required("controller", &qemu->controller);
  reader.required("console", &qemu->console);
  reader.optional("arguments", &qemu->arguments);
  read_int(&reader, "icount_shift", &qemu->icount_shift, 0, 10);
  read_slice(&reader, board.cpus, qemu);
  return reader.finish();
}

void read_architecture(TomlReader* reader, Architecture* architecture) {
  std::string name;
  reader->required("architecture", &name);
  if (const auto known = architecture_named(name)) {
    *architecture = *known;
  } else {
    reader->refuse("architecture", "must be " + known_architectures());
  }
}

void read_method(TomlReader* reader, BootMethod* method) {
  std::string name;
  reader->required("method", &name);
  for (const auto& [known, value] : boot_methods) {
    if (name != known) continue;
    *method = value;
    return;
  }
  reader->refuse("method", "must be tryboot, extlinux, grub or kexec");
}

Status read_boot(TomlTable table, SshBoard* boot) {
  TomlReader reader(std::move(table));
  read_method(&reader, &boot->method);
  reader.required("folder", &boot->folder);
  check_path(&reader, "folder", boot->folder);
  if (reader.optional("root", &boot->root)) check_path(&reader, "root", boot->root);
  reader.required("console", &boot->console);
  if (boot->console.empty() || boot->console.find_first_of(" \t\"'") != std::string::npos)
    reader.refuse("console", "must be as on the kernel's command line: ttyAMA0,115200");
  reader.optional("modules", &boot->modules);
  if (std::ranges::any_of(boot->modules, [](const std::string& module) {
        return module.empty() || module.find_first_of("/ \t") != std::string::npos;
      }))
    reader.refuse("modules", "must be names of modules, without path");
  reader.renamed("within_s", "boot_timeout_s");
  read_int(&reader, "boot_timeout_s", &boot->boot_timeout_s, 10, 3600);
  return reader.finish();
}

Status read_thermal(TomlTable table, Thermal* thermal) {
  TomlReader reader(std::move(table));
  reader.renamed("limit_c", "max_temperature_c");
  if (reader.optional("max_temperature_c", &thermal->max_temperature_c) &&
      !(thermal->max_temperature_c >= 20 && thermal->max_temperature_c <= 150))
    reader.refuse("max_temperature_c", "must be from 20 to 150");
  reader.optional("zone", &thermal->zone);
  for (const auto& [key, path] :
       {std::pair{"throttled", &thermal->throttled}, {"throttled_counter", &thermal->throttled_counter}})
    if (reader.optional(key, path)) check_path(&reader, key, *path);
  if (thermal->zone.empty() && thermal->throttled.empty() && thermal->throttled_counter.empty())
    reader.refuse("zone",
                  "is missing, and so are throttled and throttled_counter: nothing would be looked at");
  reader.optional("optional", &thermal->optional);
  for (const std::string& key : thermal->optional) {
    const bool asked = (key == "zone" && !thermal->zone.empty()) ||
                       (key == "throttled" && !thermal->throttled.empty()) ||
                       (key == "throttled_counter" && !thermal->throttled_counter.empty());
    if (!asked) reader.refuse("optional", fmt::format("names {}, which is not asked for", key));
  }
  return reader.finish();
}

void read_cpus(TomlReader* reader, std::string_view key, int cpus, std::vector<int>* out) {
  std::vector<std::int64_t> numbers;
  reader->optional(key, &numbers);
  for (const std::int64_t cpu : numbers) {
    if (cpu < 0 || cpu >= cpus) {
      reader->refuse(key, fmt::format("names CPU {}, and the board has {} (from 0)", cpu, cpus));
      return;
    }
    if (std::ranges::find(*out, cpu) != out->end())
      reader->refuse(key, fmt::format("names CPU {} twice", cpu));
    out->push_back(static_cast<int>(cpu));
  }
}

// Which CPUs are for what: of a board with several, or in wall-clock time.
void read_cpu_roles(TomlReader* reader, Board* board) {
  read_cpus(reader, "measured_cpus", board->cpus, &board->measured_cpus);
  read_cpus(reader, "housekeeping_cpus", board->cpus, &board->housekeeping_cpus);
  for (const int cpu : board->housekeeping_cpus) {
    if (std::ranges::find(board->measured_cpus, cpu) != board->measured_cpus.end())
      reader->refuse("housekeeping_cpus", fmt::format("names CPU {}, which is measured", cpu));
  }
}

// What only a board in wall-clock time has.
void read_wall(TomlReader* reader, Board* board) {
  reader->optional("emulator", &board->emulator);
  reader->optional("power_needs", &board->power_needs);
}

Status read_pins(TomlTable table, Board* board) {
  if (!board->is_virtual()) board->lines = no_lines;  // each is the header's: no default fits
  const std::string file = table.file();
  if (auto done = read_pin_lines(std::move(table), &board->lines); !done) return done;
  if (provides(*board, "loopback") && board->lines.stimulus_out < 0)
    return fail(ErrorKind::usage, fmt::format("{}: lines.stimulus_out is missing: a board that provides "
                                              "loopback has a jumper to stimulus",
                                              file));
  if (!board->is_virtual() && provides(*board, provides_decisions) && board->lines.verdict_in < 0)
    return fail(
        ErrorKind::usage,
        fmt::format("{}: lines.verdict_in is missing: a board that provides decisions has a jumper to "
                    "it from verdict",
                    file));
  return {};
}

Result<Board> read(const TomlTable& file) {
  Board board;
  TomlReader reader(file);
  bool virtual_time = false, wall = false, has_lines = false, has_thermal = false;
  const TomlTable qemu = reader.table("qemu", &virtual_time);
  const TomlTable boot = reader.table("boot", &wall);
  if (virtual_time && wall) reader.refuse("boot", "and qemu exclude each other");
  if (!virtual_time && !wall) reader.refuse("qemu", "or boot is missing");
  reader.required("title", &board.title);
  read_architecture(&reader, &board.architecture);
  reader.required("provides", &board.provides);
  read_int(&reader, "cpus", &board.cpus, 1, wall ? most_cpus : most_virtual_cpus);
  if (wall || board.cpus > 1) read_cpu_roles(&reader, &board);
  read_int(&reader, "memory_mib", &board.memory_mib, 256, 65536);
  const TomlTable lines = reader.table("lines", &has_lines);
  // Both or neither on a board that leaves its pins to the bench.
  if (has_lines || !wall || reader.has("gpio_chip")) {
    reader.required("gpio_chip", &board.gpio_chip);
    if (board.gpio_chip.empty()) reader.refuse("gpio_chip", "must not be empty");
    reader.required_table("lines");
  } else {
    board.lines = no_lines;
  }
  TomlTable thermal;
  if (wall) {
    read_wall(&reader, &board);
    thermal = reader.table("thermal", &has_thermal);
    board.kind = SshBoard();
  }
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  if (has_lines)
    if (auto done = read_pins(lines, &board); !done) return tl::unexpected(done.error());
  if (virtual_time)
    if (auto done = read_qemu(qemu, board, std::get_if<QemuBoard>(&board.kind)); !done)
      return tl::unexpected(done.error());
  if (wall)
    if (auto done = read_boot(boot, std::get_if<SshBoard>(&board.kind)); !done)
      return tl::unexpected(done.error());
  if (has_thermal)
    if (auto done = read_thermal(thermal, &board.thermal); !done) return tl::unexpected(done.error());
  return board;
}

}  // namespace

const char* name_of(BootMethod method) {
  return std::ranges::find(boot_methods, method, &std::pair<const char*, BootMethod>::second)->first;
}

bool is_optional(const Thermal& thermal, std::string_view key) {
  return std::ranges::find(thermal.optional, key) != thermal.optional.end();
}

bool provides(const Board& board, std::string_view what) {
  return std::ranges::find(board.provides, what) != board.provides.end();
}

Result<Board> parse_board(std::string_view text, const std::string& file_name) {
  auto file = TomlTable::parse_text(text, file_name);
  if (!file) return tl::unexpected(file.error());
  return read(*file);
}

Result<Board> read_board(const std::filesystem::path& path) {
  auto text = read_file(path, ErrorKind::usage);
  if (!text) return tl::unexpected(text.error());
  auto board = parse_board(*text, path.string());
  if (!board) return board;
  board->name = path.stem().string();
  board->sha256 = sha256_of(*text);
  board->toml = std::move(*text);
  return board;
}

}  // namespace loopgate
