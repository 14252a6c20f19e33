#include "board/ssh_proxy.h"

#include <fmt/format.h>

#include "base/process.h"

namespace loopgate {
namespace {

// ssh replaces %h and the like in a ProxyCommand.
std::string without_tokens(const std::string& word) {
  std::string escaped;
  for (const char c : word) escaped += c == '%' ? std::string("%%") : std::string(1, c);
  return escaped;
}

}  // namespace

std::optional<SshProxy> console_proxy_of(const LabBoard& lab) {
  if (lab.console_proxy.empty()) return std::nullopt;
  return SshProxy{lab.console_proxy, lab.ssh_config};
}

std::vector<std::string> command_through(const SshProxy& proxy, const std::string& target,
                                         std::chrono::seconds connect) {
  std::vector<std::string> argv = {"ssh"};
  if (!proxy.ssh_config.empty()) argv.insert(argv.end(), {"-F", proxy.ssh_config.string()});
  for (const std::string& option :
       {std::string("BatchMode=yes"), std::string("StrictHostKeyChecking=yes"), std::string("LogLevel=ERROR"),
        std::string("ControlPath=none"), std::string("ForwardAgent=no"), std::string("RemoteCommand=none"),
        std::string("PermitLocalCommand=no"), std::string("ServerAliveInterval=15"),
        fmt::format("ConnectTimeout={}", connect.count())})
    argv.insert(argv.end(), {"-o", option});
  argv.insert(argv.end(), {"-W", target, "--", proxy.host});
  return argv;
}

std::string proxy_command(const SshProxy& proxy, std::chrono::seconds connect) {
  const SshProxy escaped = {without_tokens(proxy.host), without_tokens(proxy.ssh_config.string())};
  return quoted(command_through(escaped, "[%h]:%p", connect));
}

}  // namespace loopgate
