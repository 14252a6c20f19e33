#include "config/lab.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ranges>
#include <utility>

#include "base/file.h"
#include "config/console_place.h"
#include "config/console_speeds.h"
#include "config/pin_lines.h"
#include "config/toml_table.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* example = "copy boards/lab.example.toml to lab.toml and fill in this bench's addresses";

constexpr std::int64_t longest_wait_s = 86400;  // a day
constexpr std::int64_t most_check_edges = 10'000'000;

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

bool is_host_and_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  return colon != std::string_view::npos && colon > 0 && is_port(text.substr(colon + 1));
}

// A word for labgrid-client, which takes tags as KEY=VALUE.
bool is_tag(const std::string& word) {
  return !word.empty() && word.front() != '-' && word.find_first_of("= \t\n,") == std::string::npos;
}

fs::path absolute(const fs::path& folder, const std::string& path) {
  return fs::path(path).is_absolute() ? fs::path(path) : (folder / path).lexically_normal();
}

bool is_console(const std::string& place) {
  if (place.starts_with("/dev/")) return true;
  return std::ranges::any_of(std::array{tcp_scheme, telnet_scheme}, [&](std::string_view scheme) {
    return place.starts_with(scheme) && is_host_and_port(std::string_view(place).substr(scheme.size()));
  });
}

void read_console(TomlReader* reader, LabBoard* lab) {
  if (reader->optional("console", &lab->console) && !is_console(lab->console))
    reader->refuse("console", "must be a device (/dev/ttyUSB0), tcp:HOST:PORT or rfc2217:HOST:PORT");
  std::int64_t baud = lab->console_baud;
  reader->optional("console_baud", &baud);
  if (std::ranges::find(console_speeds, baud, &std::pair<int, speed_t>::first) == console_speeds.end())
    reader->refuse("console_baud", fmt::format("must be a serial line's speed: {}",
                                               fmt::join(console_speeds | std::views::keys, ", ")));
  lab->console_baud = static_cast<int>(baud);
  if (!reader->optional("console_proxy", &lab->console_proxy)) return;
  if (!is_destination(lab->console_proxy))
    reader->refuse("console_proxy", "must be a host as ssh(1) takes it: \"user@exporter\"");
  else if (lab->console.empty() || lab->console.front() == '/')
    reader->refuse("console_proxy", "is for a console of a TCP port");
}

void read_power(TomlReader* reader, const fs::path& folder, LabBoard* lab) {
  for (const auto& [key, argv] : {std::pair{"power_off", &lab->power_off},
                                  {"power_on", &lab->power_on},
                                  {"power_cycle", &lab->power_cycle}}) {
    if (reader->optional(key, argv) && (argv->empty() || argv->front().empty()))
      reader->refuse(key, "must be a program and its arguments: [\"program\", \"argument\"]");
    if (!argv->empty() && argv->front().find('/') != std::string::npos)
      argv->front() = absolute(folder, argv->front()).string();
  }
  if (lab->power_off.empty() != lab->power_on.empty())
    reader->refuse(lab->power_off.empty() ? "power_on" : "power_off", "and its counterpart go together");
  if (!lab->power_cycle.empty() && !lab->power_on.empty())
    reader->refuse("power_cycle", "stands instead of power_off and power_on");
}

Status read_tags(TomlTable table, std::map<std::string, std::string>* tags) {
  TomlReader reader(std::move(table));
  for (const std::string& key : reader.keys()) {
    reader.required(key, &(*tags)[key]);
    if (!is_tag(key) || !is_tag((*tags)[key]))
      reader.refuse(key, "must be a tag: a word without \"=\" or spaces");
  }
  return reader.finish();
}

Status read_machine(TomlTable table, LabBoard* lab) {
  TomlReader reader(std::move(table));
  std::string via;
  bool has_tags = false;
  LabgridPlace place;
  reader.required("via", &via);
  if (via != "labgrid") reader.refuse("via", "must be labgrid");
  reader.optional("coordinator", &place.coordinator);
  if (!place.coordinator.empty() && !is_host_and_port(place.coordinator))
    reader.refuse("coordinator", "must be HOST:PORT");
  reader.optional("place", &place.place);
  const TomlTable tags = reader.table("tags", &has_tags);
  if (tags.exists() && tags.empty()) reader.refuse("tags", "is empty");
  if (place.place.empty() != has_tags) reader.refuse("place", "or tags must be given, and not both");
  if (!place.place.empty() && !is_tag(place.place))
    reader.refuse("place", "must be a place's name: a word without \"=\" or spaces");
  std::int64_t acquire_timeout_s = place.acquire_timeout_s;
  reader.renamed("wait_s", "acquire_timeout_s");
  reader.optional("acquire_timeout_s", &acquire_timeout_s);
  if (acquire_timeout_s < 0 || acquire_timeout_s > longest_wait_s)
    reader.refuse("acquire_timeout_s", fmt::format("must be from 0 to {}, in seconds", longest_wait_s));
  place.acquire_timeout_s = static_cast<int>(acquire_timeout_s);
  if (auto done = reader.finish(); !done) return done;
  if (has_tags)
    if (auto done = read_tags(tags, &place.tags); !done) return done;
  lab->labgrid = std::move(place);
  return {};
}

Status read_lines(TomlTable table, LabBoard* lab) {
  PinLines lines = no_lines;
  if (auto done = read_pin_lines(std::move(table), &lines); !done) return done;
  lab->lines = lines;
  return {};
}

Result<LabBoard> read(TomlTable table, const fs::path& folder, const std::string& board) {
  LabBoard lab;
  lab.name = board;
  TomlReader reader(std::move(table));
  std::string ssh_config;
  bool has_machine = false, has_lines = false;
  const TomlTable machine = reader.table("machine", &has_machine);
  const TomlTable lines = reader.table("lines", &has_lines);
  // labgrid knows the address of the place that it hands out.
  if (reader.optional("ssh", &lab.ssh) || !has_machine) {
    reader.required("ssh", &lab.ssh);
    if (!is_destination(lab.ssh))
      reader.refuse("ssh",
                    "must be a host as ssh(1) takes it: \"root@192.0.2.7\", or a Host of its configuration");
  }
  if (reader.optional("ssh_config", &ssh_config)) {
    if (ssh_config.empty()) reader.refuse("ssh_config", "must be a path");
    lab.ssh_config = absolute(folder, ssh_config);
  }
  read_console(&reader, &lab);
  read_power(&reader, folder, &lab);
  if (reader.optional("gpio_chip", &lab.gpio_chip) && lab.gpio_chip.empty())
    reader.refuse("gpio_chip", "must not be empty");
  if (reader.optional("root", &lab.root) && !lab.root.starts_with("/dev/"))
    reader.refuse("root", "must be a partition of the board: /dev/nvme0n1p2");
  std::int64_t check_edges = 0;
  if (reader.optional("check_edges", &check_edges) && (check_edges < 1 || check_edges > most_check_edges))
    reader.refuse("check_edges", fmt::format("must be from 1 to {}", most_check_edges));
  lab.check_edges = static_cast<std::uint32_t>(check_edges);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  if (has_machine)
    if (auto done = read_machine(machine, &lab); !done) return tl::unexpected(done.error());
  if (has_lines)
    if (auto done = read_lines(lines, &lab); !done) return tl::unexpected(done.error());
  return lab;
}

}  // namespace

bool is_destination(const std::string& ssh) {
  return !ssh.empty() && ssh.front() != '-' && ssh.find_first_of(" \t\n") == std::string::npos;
}

Result<LabBoard> parse_lab(std::string_view text, const std::string& file_name, const fs::path& folder,
                           const std::string& board) {
  auto file = TomlTable::parse_text(text, file_name);
  if (!file) return tl::unexpected(file.error());
  // The other tables are other boards': they are read when it is their turn.
  auto table = file->find(board);
  if (!table) return tl::unexpected(table.error());
  if (!*table)
    return fail(ErrorKind::usage, fmt::format("{}: there is no [{}]", file_name, board),
                fmt::format("{}: how this bench reaches {}", example, board));
  return read(**table, folder, board);
}

Result<LabBoard> read_lab(const fs::path& path, const std::string& board) {
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    return fail(
        ErrorKind::usage,
        fmt::format("{}: there is no such file, and board {} is reached over SSH", path.string(), board),
        example);
  auto text = read_file(path, ErrorKind::usage);
  if (!text) return tl::unexpected(text.error());
  return parse_lab(*text, path.string(), fs::absolute(path).parent_path(), board);
}

Result<Board> on_bench(Board board, const LabBoard& lab) {
  if (!lab.gpio_chip.empty()) board.gpio_chip = lab.gpio_chip;
  if (lab.lines) board.lines = *lab.lines;
  board.check_edges = lab.check_edges;
  auto* ssh = std::get_if<SshBoard>(&board.kind);
  if (!lab.root.empty() && ssh != nullptr) ssh->root = lab.root;
  const auto missing = [&](const std::string& key, const char* what) {
    return fail(
        ErrorKind::usage,
        fmt::format("board {} leaves {} to its bench, and {} is not in lab.toml", board.name, what, key),
        fmt::format("{}: [{}] has the keys", example, board.name));
  };
  if (board.gpio_chip.empty()) return missing(fmt::format("[{}] gpio_chip", board.name), "its pins");
  if (board.lines.stimulus < 0) return missing(fmt::format("[{}.lines]", board.name), "its pins");
  if (provides(board, "loopback") && board.lines.stimulus_out < 0)
    return missing(fmt::format("[{}.lines] stimulus_out", board.name), "its jumpers");
  if (ssh != nullptr && ssh->root.empty()) return missing(fmt::format("[{}] root", board.name), "its disk");
  return board;
}

}  // namespace loopgate
