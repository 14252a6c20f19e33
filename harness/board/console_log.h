// Reads a board's serial console into a file, from a device or a TCP port, in a thread of its own. A port
// that is closed, as when the power is switched, is opened again.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"

namespace loopgate {

class ConsoleLog {
 public:
  // `place` as lab.toml has it: "tcp:HOST:PORT" or a device's path. Errors: usage for what is neither;
  // infrastructure for a device that can't be opened. A port that nobody listens on yet is waited for.
  static Result<std::unique_ptr<ConsoleLog>> open(const std::string& place, int baud);
  ~ConsoleLog();
  ConsoleLog(const ConsoleLog&) = delete;
  ConsoleLog& operator=(const ConsoleLog&) = delete;

  // From here on into this file. What came since the last file was closed is written first, as far as 256 KiB
  // hold it. A file takes 16 MiB; the rest is left out, and it says so.
  Status begin(const std::filesystem::path& file);
  // Another kernel is started: what follows is its own. A line says so (console_mark).
  void mark();
  // What has come until now is in the file. Nothing more is written to it.
  void end();

  // What is in the current file.
  std::string text() const;

  // How often it was lost after it had said something: a port that was closed, a device that went away. No
  // kernel does that.
  unsigned losses() const;

 private:
  struct Reader;
  explicit ConsoleLog(std::unique_ptr<Reader> reader);
  std::unique_ptr<Reader> reader_;
};

}  // namespace loopgate
