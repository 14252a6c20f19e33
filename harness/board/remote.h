// One connection to a board through OpenSSH, shared by many commands (ControlMaster). It uses the user's own
// configuration, always checks host keys, and detects a lost connection within a bounded time. The board only
// needs sh, cat, chmod, mkdir, mv, rm and sha256sum.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "board/ssh_trouble.h"
#include "config/lab.h"

namespace loopgate {

struct RemoteLimits {
  std::chrono::seconds connect{10};     // to connect
  std::chrono::seconds alive_every{5};  // ServerAliveInterval
  int alive_count = 6;                  // this many unanswered: the connection is lost
};

struct RemoteCommand {
  std::string script;              // for the board's sh
  std::chrono::seconds limit{60};  // then waiting ends; the script goes on running on the board
  std::filesystem::path input;     // its standard input; empty: none
  std::filesystem::path output;    // its standard output goes there instead of memory
  std::function<void(std::string_view)> on_output;  // or here, as it comes
  std::function<bool()> on_pause;                   // see Program::on_pause
  std::chrono::milliseconds pause{};
};

class Remote {
 public:
  // Connects, and returns once commands can be run. Errors: `infrastructure` when the board is unreachable,
  // its host key is unknown or changed, or the login is refused; `usage` when ssh rejects its configuration.
  // `trouble` tells them apart.
  static Result<std::unique_ptr<Remote>> connect(const LabBoard& lab, const RemoteLimits& limits,
                                                 SshTrouble* trouble = nullptr);
  ~Remote();
  Remote(const Remote&) = delete;
  Remote& operator=(const Remote&) = delete;

  // A non-zero exit status is not an error; a connection lost meanwhile is (`infrastructure`).
  Result<ProcessResult> run(const RemoteCommand& command);

  // The output of a script that must succeed. Errors: infrastructure, with its last line of standard error.
  Result<std::string> run_script(const std::string& script,
                                 std::chrono::seconds limit = std::chrono::seconds(60));

  // Copies a file whole or not at all, checked by digest. `mode` as for chmod. A full disk has its own
  // message.
  Status copy_in(const std::filesystem::path& file, const std::string& path, const std::string& mode = "644");
  Status write(std::string_view text, const std::string& path, const std::string& mode = "644");

  // Free space of the folder's file system, as df counts it for root.
  Result<std::uintmax_t> free_bytes(const std::string& folder);

  // Gives the digest, on which both sides agree.
  Result<std::string> copy_out(const std::string& path, const std::filesystem::path& file);

  // False once the connection was lost or closed.
  bool connected() const;

  // The command line that connects, for display.
  static std::vector<std::string> connection_command(const LabBoard& lab, const RemoteLimits& limits,
                                                     const std::filesystem::path& socket);

 private:
  struct Master;
  explicit Remote(std::unique_ptr<Master> master);
  std::vector<std::string> command_line(const std::string& script) const;
  Error lost(const std::string& said) const;
  std::filesystem::path scratch_folder() const;  // on this machine; removed with the connection

  LabBoard lab_;
  std::unique_ptr<Master> master_;
};

}  // namespace loopgate
