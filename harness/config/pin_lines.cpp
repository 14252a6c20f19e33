#include "config/pin_lines.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace loopgate {
namespace {

struct Role {
  const char* name;
  int PinLines::* line;
};

constexpr std::array<Role, 11> roles = {{{"stimulus", &PinLines::stimulus},
                                         {"response", &PinLines::response},
                                         {"storm", &PinLines::storm},
                                         {"control_in", &PinLines::control_in},
                                         {"control_out", &PinLines::control_out},
                                         {"jumper_out", &PinLines::jumper_out},
                                         {"jumper_in", &PinLines::jumper_in},
                                         {"verdict", &PinLines::verdict},
                                         {"stimulus_out", &PinLines::stimulus_out},
                                         {"response_in", &PinLines::response_in},
                                         {"verdict_in", &PinLines::verdict_in}}};

// A controller of eight lines has none to spare, and no suite uses the wire, a verdict and the loopback
// program at once.
bool may_share(std::string_view role, std::string_view other) {
  if (role == "verdict") return other == "jumper_out";
  if (role == "stimulus_out") return other == "jumper_out" || other == "verdict";
  return role == "response_in" && other == "jumper_in";
}

}  // namespace

Status read_pin_lines(TomlTable table, PinLines* lines) {
  TomlReader reader(std::move(table));
  reader.renamed("wire_out", "jumper_out");
  reader.renamed("wire_in", "jumper_in");
  for (const Role& role : roles) {
    std::int64_t value = 0;
    if (!reader.optional(role.name, &value)) continue;
    if (value < 0 || value > 1023) reader.refuse(role.name, "must be from 0 to 1023");
    lines->*role.line = static_cast<int>(value);
  }
  for (std::size_t i = 0; i < roles.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (lines->*roles[i].line >= 0 && lines->*roles[i].line == lines->*roles[j].line &&
          !may_share(roles[i].name, roles[j].name))
        reader.refuse(roles[i].name, fmt::format("is the line of {} too", roles[j].name));
    }
  }
  if (lines->stimulus < 0) reader.refuse("stimulus", "is missing");
  if (lines->response < 0) reader.refuse("response", "is missing");
  if ((lines->jumper_out < 0) != (lines->jumper_in < 0))
    reader.refuse("jumper_out", "and jumper_in go together");
  if ((lines->stimulus_out < 0) != (lines->response_in < 0))
    reader.refuse("stimulus_out",
                  "and response_in go together: a jumper each, to stimulus and from response");
  if (lines->verdict_in >= 0 && (lines->verdict < 0 || lines->response_in < 0))
    reader.refuse("verdict_in", "goes with verdict and response_in: a jumper joins it to verdict");
  return reader.finish();
}

}  // namespace loopgate
