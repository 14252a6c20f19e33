// Runs the program as its users do: arguments in, exit status and two streams out.
#pragma once

#include <string>
#include <vector>

namespace loopgate::inspection {

struct ProgramEnd {
  int exit_status = -1;  // 128 + the signal that ended it
  std::string out;
  std::string error;
};

class ProgramRun {
 public:
  // `variables`: NAME=VALUE, beside those of this program.
  explicit ProgramRun(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& variables = {});
  ~ProgramRun();
  ProgramRun(const ProgramRun&) = delete;
  ProgramRun& operator=(const ProgramRun&) = delete;

  void send(int signal) const;
  // Of a program that ends by itself, or within `seconds`; it is killed after that.
  ProgramEnd end(int seconds = 20);

 private:
  int process_ = -1;
  int out_ = -1;
  int error_ = -1;
};

}  // namespace loopgate::inspection
