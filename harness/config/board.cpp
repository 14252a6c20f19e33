#include "config/board.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/digest.h"
#include "config/toml_table.h"

namespace loopgate {
namespace {

void read_int(Reader* reader, std::string_view key, int* out, std::int64_t least, std::int64_t most) {
  std::int64_t value = *out;
  if (!reader->optional(key, &value)) return;
  if (value < least || value > most)
    reader->refuse(key, "must be from " + std::to_string(least) + " to " + std::to_string(most));
  *out = static_cast<int>(value);
}

// A controller of eight lines has none to spare, and no suite uses the wire, a verdict and the loopback
// program at once.
bool may_share(std::string_view one, std::string_view other) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> pairs = {
      {{"wire_out", "verdict"},
       {"wire_out", "stimulus_out"},
       {"verdict", "stimulus_out"},
       {"wire_in", "response_in"}}};
  return std::find(pairs.begin(), pairs.end(), std::pair(one, other)) != pairs.end();
}

Status read_lines(TomlTable table, PinLines* lines) {
  Reader reader(std::move(table));
  constexpr int most = 1023;
  read_int(&reader, "stimulus", &lines->stimulus, 0, most);
  read_int(&reader, "response", &lines->response, 0, most);
  read_int(&reader, "storm", &lines->storm, 0, most);
  read_int(&reader, "control_in", &lines->control_in, 0, most);
  read_int(&reader, "control_out", &lines->control_out, 0, most);
  read_int(&reader, "wire_out", &lines->wire_out, 0, most);
  read_int(&reader, "wire_in", &lines->wire_in, 0, most);
  read_int(&reader, "verdict", &lines->verdict, 0, most);
  read_int(&reader, "stimulus_out", &lines->stimulus_out, 0, most);
  read_int(&reader, "response_in", &lines->response_in, 0, most);
  const std::array<std::pair<const char*, int>, 10> roles = {{{"stimulus", lines->stimulus},
                                                              {"response", lines->response},
                                                              {"storm", lines->storm},
                                                              {"control_in", lines->control_in},
                                                              {"control_out", lines->control_out},
                                                              {"wire_out", lines->wire_out},
                                                              {"wire_in", lines->wire_in},
                                                              {"verdict", lines->verdict},
                                                              {"stimulus_out", lines->stimulus_out},
                                                              {"response_in", lines->response_in}}};
  for (std::size_t i = 0; i < roles.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (roles[i].second >= 0 && roles[i].second == roles[j].second &&
          !may_share(roles[j].first, roles[i].first))
        reader.refuse(roles[i].first, std::string("is the line of ") + roles[j].first + " too");
    }
  }
  if ((lines->wire_out < 0) != (lines->wire_in < 0)) reader.refuse("wire_out", "and wire_in go together");
  if ((lines->stimulus_out < 0) != (lines->response_in < 0))
    reader.refuse("stimulus_out", "and response_in go together");
  return reader.finish();
}

Status read_qemu(TomlTable table, QemuBoard* qemu) {
  Reader reader(std::move(table));
  reader.required("binary", &qemu->binary);
  reader.required("minimum_version", &qemu->minimum_version);
  reader.required("machine", &qemu->machine);
  reader.required("cpu", &qemu->cpu);
  reader.required("controller", &qemu->controller);
  reader.required("console", &qemu->console);
  read_int(&reader, "icount_shift", &qemu->icount_shift, 0, 10);
  return reader.finish();
}

}  // namespace

Result<Board> read_board(const std::filesystem::path& path) {
  auto file = TomlTable::parse_file(path);
  if (!file) return tl::unexpected(file.error());
  auto digest = sha256_of_file(path);
  if (!digest) return tl::unexpected(digest.error());

  Board board;
  board.name = path.stem().string();
  board.sha256 = *digest;
  Reader reader(*file);
  reader.required("title", &board.title);
  reader.required("architecture", &board.architecture);
  reader.required("provides", &board.provides);
  reader.required("gpio_chip", &board.gpio_chip);
  read_int(&reader, "cpus", &board.cpus, 1,
           1);  // two CPUs need a bounded round-robin slice, and run four times slower
  read_int(&reader, "memory_mib", &board.memory_mib, 256, 65536);
  const TomlTable lines = reader.required_table("lines");
  const TomlTable qemu = reader.required_table("qemu");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  if (auto done = read_lines(lines, &board.lines); !done) return tl::unexpected(done.error());
  if (auto done = read_qemu(qemu, &board.qemu); !done) return tl::unexpected(done.error());
  return board;
}

}  // namespace loopgate
