#include "board/ssh_trouble.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "base/text.h"

namespace loopgate {
namespace {

struct Mark {
  std::string_view
      text;  // as OpenSSH prints it: sshconnect.c, sshconnect2.c, readconf.c, clientloop.c, mux.c
  SshTrouble trouble;
};

// The first match decides: the message of a changed key also contains the words of an unknown one.
constexpr std::array<Mark, 31> marks = {{
    {"REMOTE HOST IDENTIFICATION HAS CHANGED", SshTrouble::host_key_changed},
    {" has changed and you have requested strict checking", SshTrouble::host_key_changed},
    {"REVOKED HOST KEY", SshTrouble::host_key_changed},
    {" host key is known for ", SshTrouble::host_key_unknown},
    {"Host key verification failed", SshTrouble::host_key_unknown},
    {"Permission denied (", SshTrouble::permission_denied},
    {"Too many authentication failures", SshTrouble::permission_denied},
    {"Bad configuration option", SshTrouble::configuration},
    {"Can't open user config file", SshTrouble::configuration},
    {"terminating, ", SshTrouble::configuration},
    {"Bad owner or permissions on", SshTrouble::configuration},
    {"command-line line", SshTrouble::configuration},
    {"keyword ", SshTrouble::configuration},
    {"ControlPath too long", SshTrouble::configuration},
    {"too long for Unix domain socket", SshTrouble::configuration},
    {"Could not resolve hostname", SshTrouble::unreachable},
    {"Connection refused", SshTrouble::unreachable},
    {"No route to host", SshTrouble::unreachable},
    {"Network is unreachable", SshTrouble::unreachable},
    {"during banner exchange", SshTrouble::unreachable},
    {"kex_exchange_identification", SshTrouble::unreachable},
    {"banner exchange: ", SshTrouble::unreachable},
    {"ssh: connect to host", SshTrouble::unreachable},
    {"not responding", SshTrouble::lost},
    {"client_loop: ", SshTrouble::lost},
    {"mux_client", SshTrouble::lost},
    {"UNKNOWN port 65535", SshTrouble::lost},  // printed by a command whose shared connection is gone
    {"Connection to ", SshTrouble::lost},
    {"Connection closed", SshTrouble::lost},
    {"Connection reset", SshTrouble::lost},
    {"Broken pipe", SshTrouble::lost},
}};

// FILE:LINE in "Offending ED25519 key in FILE:LINE"; empty when missing.
std::string offending_line(const std::string& said) {
  const std::size_t at = said.find("Offending ");
  const std::size_t in = at == std::string::npos ? at : said.find(" key in ", at);
  if (in == std::string::npos) return {};
  const std::size_t begin = in + 8;
  return said.substr(begin, said.find_first_of("\r\n", begin) - begin);
}

Error changed_key(const std::string& said, const std::string& host) {
  const std::string line = offending_line(said);
  return {ErrorKind::infrastructure,
          fmt::format("{}: the host key has changed{}", host,
                      line.empty() ? "" : fmt::format("; the known key is in {}", line)),
          fmt::format(
              "check that it is the right board; if it was reinstalled, remove {} and connect once by hand",
              line.empty() ? "the old key from known_hosts" : "that line")};
}

}  // namespace

SshTrouble trouble_in(const std::string& said) {
  for (const Mark& mark : marks)
    if (said.find(mark.text) != std::string::npos) return mark.trouble;
  return SshTrouble::other;
}

std::string last_printable_line(const std::string& text) {
  std::string line = last_line(text);
  constexpr std::size_t most = 300;
  const bool longer = line.size() > most;
  if (longer) line.resize(most);
  for (char& c : line)
    if (c < ' ' || c > '~') c = '?';
  return longer ? line + "…" : line;
}

Error explain_ssh(const std::string& said, const std::string& host) {
  const std::string word =
      last_printable_line(said).empty() ? "ssh printed no message" : last_printable_line(said);
  const auto because = [&](const char* what, std::string next_step) {
    return Error{ErrorKind::infrastructure, fmt::format("{}: {}: {}", host, what, word),
                 std::move(next_step)};
  };
  switch (trouble_in(said)) {
    case SshTrouble::host_key_changed:
      return changed_key(said, host);
    case SshTrouble::host_key_unknown:
      return because("unknown host key",
                     "connect once by hand, with the same ssh configuration, and compare the fingerprint");
    case SshTrouble::permission_denied:
      return because("login refused",
                     "use a key that the board accepts and that needs no passphrase here: "
                     "ssh-copy-id, ssh-add, or IdentityFile in ssh's configuration");
    case SshTrouble::unreachable:
      return because("unreachable", "check that it is on, and ssh in lab.toml");
    case SshTrouble::lost:
      return because("the connection was lost", "");
    case SshTrouble::configuration:
      return {ErrorKind::usage, fmt::format("{}: ssh rejects its configuration: {}", host, word),
              "see ssh and ssh_config in lab.toml"};
    case SshTrouble::other:
      break;
  }
  return because("ssh failed", "try it by hand with the command in commands.txt");
}

}  // namespace loopgate
