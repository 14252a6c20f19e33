// One connection to a board through OpenSSH, which many commands share (ControlMaster): the user's own
// configuration counts, host keys are always checked, and a connection that is lost ends within a bound.
// Nothing is needed on the board beyond sh, cat, chmod, mkdir, mv, rm and sha256sum.
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
  std::chrono::seconds connect{10};     // to be let in
  std::chrono::seconds alive_every{5};  // ServerAliveInterval
  int alive_count = 6;                  // so many unanswered: the connection is lost
};

struct RemoteCommand {
  std::string script;                               // for the board's sh
  std::chrono::seconds limit{60};                   // then it is given up, and goes on on the board
  std::filesystem::path input;                      // its standard input; empty: none
  std::filesystem::path output;                     // its standard output goes there instead of memory
  std::function<void(std::string_view)> on_output;  // or here, as it comes
  std::function<bool()> on_pause;                   // see Program::on_pause
  std::chrono::milliseconds pause{};
};

class Remote {
 public:
  // Connects, and comes back once commands can be run. Errors: `infrastructure` when the board is not
  // reached, its host key is unknown or changed, or the key is refused; `usage` when ssh does not take its
  // configuration. `trouble` tells them apart.
  static Result<std::unique_ptr<Remote>> connect(const LabBoard& lab, const RemoteLimits& limits,
                                                 SshTrouble* trouble = nullptr);
  ~Remote();
  Remote(const Remote&) = delete;
  Remote& operator=(const Remote&) = delete;

  // A non-zero exit status is no failure; a connection that is lost meanwhile is (`infrastructure`).
  Result<Finished> run(const RemoteCommand& command);

  // The output of a script that must succeed; its last line of standard error is the reason when it does not.
  Result<std::string> ask(const std::string& script, std::chrono::seconds limit = std::chrono::seconds(60));

  // Whole or not at all, and what arrived has the digest of what was sent. `mode` as chmod takes it. A board
  // without room for it says so.
  Status copy_in(const std::filesystem::path& file, const std::string& path, const std::string& mode = "644");
  Status write(std::string_view text, const std::string& path, const std::string& mode = "644");

  // Of the file system that the folder is on, as df counts it for root.
  Result<std::uintmax_t> free_bytes(const std::string& folder);

  // Gives the digest, which both sides agree on.
  Result<std::string> copy_out(const std::string& path, const std::filesystem::path& file);

  // False once the connection was lost or closed.
  bool connected() const;

  // The command lines, for a person.
  static std::vector<std::string> connection_command(const LabBoard& lab, const RemoteLimits& limits,
                                                     const std::filesystem::path& socket);

 private:
  struct Master;
  explicit Remote(std::unique_ptr<Master> master);
  std::vector<std::string> command_line(const std::string& script) const;
  Error lost(const std::string& said) const;

  LabBoard lab_;
  std::unique_ptr<Master> master_;
};

}  // namespace loopgate
