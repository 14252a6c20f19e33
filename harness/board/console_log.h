// Reads a board's serial console into a file, from a device or a TCP port, in a thread of its own. Reopens a
// port that was closed, for example when the power was switched.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "board/ssh_proxy.h"

namespace loopgate {

class ConsoleLog {
 public:
  // `place` as in lab.toml: "tcp:HOST:PORT", "rfc2217:HOST:PORT" or a device's path. Errors: usage for
  // anything else; infrastructure for a device that cannot be opened. A TCP port without a listener is
  // retried.
  // Of a TCP port, `proxy` is the way there.
  static Result<std::unique_ptr<ConsoleLog>> open(const std::string& place, int baud,
                                                  std::optional<SshProxy> proxy = {});
  ~ConsoleLog();
  ConsoleLog(const ConsoleLog&) = delete;
  ConsoleLog& operator=(const ConsoleLog&) = delete;

  // Writes to this file from here on. First comes what arrived since the last file was closed, at most
  // 256 KiB of it. A file takes 16 MiB; a line at its end says that the rest is omitted.
  Status begin(const std::filesystem::path& file);
  // Writes a line (console_mark) after which all output belongs to the kernel that is started now.
  void mark();
  // Closes the file: what has arrived so far is in it.
  void end();

  // The content of the current file.
  std::string text() const;

  // How often the line was lost after data had arrived: a port was closed, a device went away. A kernel
  // cannot cause that.
  unsigned disconnects() const;

 private:
  struct Reader;
  explicit ConsoleLog(std::unique_ptr<Reader> reader);
  std::unique_ptr<Reader> reader_;
};

}  // namespace loopgate
