#include "board/power.h"

#include <fmt/format.h>

#include <thread>

#include "base/process.h"
#include "board/ssh_trouble.h"

namespace loopgate {
namespace {

constexpr std::chrono::seconds switch_limit{60};

Status carry_out(const std::vector<std::string>& argv, const char* key) {
  auto finished = run_program(argv, switch_limit);
  if (!finished)
    return fail(ErrorKind::infrastructure, finished.error().what, fmt::format("see {} in lab.toml", key));
  if (finished->exit_status == 0) return {};
  const std::string word = last_printable_line(finished->errors);
  return fail(ErrorKind::infrastructure,
              fmt::format("{} exited with status {}{}", quoted(argv), finished->exit_status,
                          word.empty() ? "" : ": " + word),
              fmt::format("try it by hand; it is {} in lab.toml", key));
}

}  // namespace

Power::Power(const LabBoard& lab, std::chrono::milliseconds off_for) : lab_(lab), off_for_(off_for) {}

bool Power::can_switch() const { return lab_.has_power(); }

Status Power::cycle() const {
  if (!can_switch())
    return fail(ErrorKind::infrastructure, fmt::format("no command to switch the power of {}", lab_.name),
                "switch it by hand, or set power_off and power_on in lab.toml");
  if (!lab_.power_cycle.empty()) return carry_out(lab_.power_cycle, "power_cycle");
  if (auto off = carry_out(lab_.power_off, "power_off"); !off) return off;
  std::this_thread::sleep_for(off_for_);
  return carry_out(lab_.power_on, "power_on");
}

}  // namespace loopgate
