// A real sshd on the loopback interface, as the user who runs the tests, with its own keys and configuration:
// nothing of this machine's ssh is read or changed.
#pragma once

#include <memory>
#include <string>

#include "base/testing/temp_folder.h"
#include "config/lab.h"

namespace loopgate {

class LocalSshd {
 public:
  // Why none can be started here; empty when one can.
  static std::string missing();

  LocalSshd();
  ~LocalSshd();
  LocalSshd(const LocalSshd&) = delete;
  LocalSshd& operator=(const LocalSshd&) = delete;

  // How to reach it: a lab with a configuration of its own.
  LabBoard lab() const;
  const TempFolder& folder() const { return folder_; }
  std::filesystem::path known_hosts() const { return folder_.path() / "known_hosts"; }

  // To every process that serves a connection.
  void signal_sessions(int signal) const;
  // Another host key from now on.
  void change_host_key();
  void stop();
  void start();

 private:
  TempFolder folder_;
  int port_ = 0;
  int pid_ = -1;
};

}  // namespace loopgate
