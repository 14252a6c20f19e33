#include "board/boot_once.h"

#include <fmt/format.h>

#include <string_view>

#include "base/process.h"

namespace loopgate {

std::unique_ptr<BootOnce> BootOnce::make(const SshBoard& boot) {
  std::string folder = boot.folder;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  switch (boot.method) {
    case BootMethod::extlinux:
      return make_extlinux(folder);
    case BootMethod::tryboot:
      return make_tryboot(folder);
    case BootMethod::grub:
      return make_grub(folder);
    case BootMethod::kexec:
      return make_kexec(folder);
  }
  return make_extlinux(folder);
}

BootRefusal split_refusal(const std::string& line) {
  constexpr std::string_view arrow = " -> ";
  const std::size_t at = line.rfind(arrow);
  if (at == std::string::npos) return {line, {}};
  return {line.substr(0, at), line.substr(at + arrow.size())};
}

std::string BootOnce::restart() const { return restart_script(); }

// systemd's reboot takes its argument differently from the others.
std::string restart_script(const std::string& argument) {
  const std::string with_systemd =
      argument.empty() ? "systemctl reboot" : "systemctl reboot --reboot-argument=" + quoted({argument});
  const std::string without = argument.empty() ? "reboot" : "reboot " + quoted({argument});
  return fmt::format(
      "sync\n"
      "if [ -d /run/systemd/system ]; then restart={}; else restart={}; fi\n"
      "( sleep 1; eval \"$restart\" ) > /dev/null 2>&1 < /dev/null &\n",
      quoted({with_systemd}), quoted({without}));
}

}  // namespace loopgate
