#include "target/agent/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/text.h"
#include "protocol/exit_text.h"
#include "target/agent/proc.h"
#include "target/agent/text_file.h"

extern char** environ;  // NOLINT: POSIX wants it declared so

namespace loopgate {
namespace {

// What posix_spawn(3) needs, released with its owner.
class SpawnSettings {
 public:
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  void redirect(int output, int errors) {
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
  }
  // The agent blocks the signals that it reads from a descriptor; the program must not inherit that.
  void own_session_and_plain_signals() {
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers_to(std::vector<std::string>* words) {
  std::vector<char*> pointers;
  for (std::string& word : *words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::vector<std::string>& more) {
  std::vector<std::string> words;
  for (char** word = environ; *word != nullptr; ++word) words.emplace_back(*word);
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// In memory, and not a pipe: nobody has to wake up while measuring to empty it.
Descriptor memory_file(const char* name) { return Descriptor(::memfd_create(name, MFD_CLOEXEC)); }

std::string tail_of_file(int file, std::size_t tail_bytes) {
  struct stat status{};
  if (::fstat(file, &status) != 0) return {};
  const auto size = static_cast<std::size_t>(status.st_size);
  std::string text(std::min(size, tail_bytes), '\0');
  const ssize_t n = ::pread(file, text.data(), text.size(), static_cast<off_t>(size - text.size()));
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return text;
}

}  // namespace

Result<Child> Child::start(const std::string& name, const std::vector<std::string>& argv,
                           const std::vector<std::string>& more_environment, int output) {
  Child child;
  child.name_ = name;
  if (output < 0) child.output_ = memory_file("output");
  child.errors_ = memory_file("errors");
  if ((output < 0 && !child.output_.valid()) || !child.errors_.valid())
    return fail(ErrorKind::infrastructure,
                std::string("no memory file for its output: ") + std::strerror(errno));

  SpawnSettings settings;
  settings.redirect(output < 0 ? child.output_.get() : output, child.errors_.get());
  settings.own_session_and_plain_signals();
  std::vector<std::string> words = argv;
  std::vector<std::string> environment = environment_with(more_environment);
  const int error =
      ::posix_spawnp(&child.pid_, words.front().c_str(), settings.actions(), settings.attributes(),
                     pointers_to(&words).data(), pointers_to(&environment).data());
  if (error != 0)
    return fail(ErrorKind::infrastructure, words.front() + ": cannot be started: " + std::strerror(error));
  return child;
}

std::string Child::exit() const {
  if (!status_) return std::string(still_runs);
  return WIFSIGNALED(*status_) ? signalled_text(WTERMSIG(*status_)) : exited_text(WEXITSTATUS(*status_));
}

void Child::signal(int number) const {
  if (!ended()) ::kill(pid_, number);
}

void Child::signal_group(int number) const {
  if (!ended()) ::kill(-pid_, number);
}

void Child::kill_session() const {
  if (!ended()) kill_all_of(pid_);
}

std::string Child::output(std::size_t tail_bytes) const { return tail_of_file(output_.get(), tail_bytes); }

std::string Child::errors(std::size_t tail_bytes) const { return tail_of_file(errors_.get(), tail_bytes); }

std::string Child::last_words() const {
  constexpr std::size_t enough = 1024;
  std::string words = last_line(errors(enough));
  return words.empty() ? last_line(output(enough)) : words;
}

void reap(std::span<Child* const> children) {
  for (;;) {
    siginfo_t seen{};
    const int found = ::waitid(P_ALL, 0, &seen, WEXITED | WNOHANG | WNOWAIT);
    if (found < 0 && errno == EINTR) continue;
    const pid_t pid = seen.si_pid;
    if (found < 0 || pid == 0) return;
    const auto child =
        std::ranges::find_if(children, [&](const Child* one) { return one->pid() == pid && !one->ended(); });
    if (child != children.end()) kill_all_of(pid);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (child != children.end()) (*child)->note_end(status);
  }
}

}  // namespace loopgate
