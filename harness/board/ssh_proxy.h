// A host that is the only way to another one: what goes there goes through an ssh to this host.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/lab.h"

namespace loopgate {

struct SshProxy {
  std::string host;                  // as ssh(1) takes it
  std::filesystem::path ssh_config;  // ssh -F; empty: the user's own
};

// The way to the bench's console, where there is one.
std::optional<SshProxy> console_proxy_of(const LabBoard& lab);

// Its standard input and output are the connection to `target`, "HOST:PORT". Host keys are checked, and
// nobody is asked anything. (ssh's own ProxyJump gives no such option to the ssh that it starts.)
std::vector<std::string> command_through(const SshProxy& proxy, const std::string& target,
                                         std::chrono::seconds connect);

// The same as the value of ssh's option ProxyCommand, for the host and port that ssh is called with.
std::string proxy_command(const SshProxy& proxy, std::chrono::seconds connect);

}  // namespace loopgate
