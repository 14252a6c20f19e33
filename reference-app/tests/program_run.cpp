#include "tests/program_run.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>

extern char** environ;

namespace loopgate::inspection {

namespace {

std::vector<char*> pointers(std::vector<std::string>* texts) {
  std::vector<char*> all;
  for (std::string& text : *texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// Into memory: neither stream can fill up and block the program, and nothing has to be read meanwhile.
int stream() { return ::memfd_create("stream", MFD_CLOEXEC); }

std::string text_of(int stream) {
  std::string text(static_cast<std::size_t>(::lseek(stream, 0, SEEK_END)), '\0');
  const ssize_t got = ::pread(stream, text.data(), text.size(), 0);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

}  // namespace

ProgramRun::ProgramRun(const std::vector<std::string>& arguments, const std::vector<std::string>& variables)
    : out_(stream()), error_(stream()) {
  std::vector<std::string> argv = {INSPECT_PROGRAM};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment = variables;
  for (char** variable = environ; *variable != nullptr; ++variable) environment.emplace_back(*variable);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out_, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, error_, STDERR_FILENO);
  if (::posix_spawn(&process_, INSPECT_PROGRAM, &actions, nullptr, pointers(&argv).data(),
                    pointers(&environment).data()) != 0)
    process_ = -1;
  posix_spawn_file_actions_destroy(&actions);
}

ProgramRun::~ProgramRun() {
  if (process_ > 0) end(0);
  ::close(out_);
  ::close(error_);
}

void ProgramRun::send(int signal) const {
  if (process_ > 0) ::kill(process_, signal);
}

ProgramEnd ProgramRun::end(int seconds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  int status = 0;
  while (process_ > 0 && ::waitpid(process_, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > until) ::kill(process_, SIGKILL);
    ::poll(nullptr, 0, 2);
  }
  process_ = -1;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), text_of(out_), text_of(error_)};
}

}  // namespace loopgate::inspection
