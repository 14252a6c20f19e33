#include "base/program_start.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "base/exit_status.h"

namespace loopgate {
namespace {

bool is_closed(int descriptor) { return ::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF; }

bool is_known(const char* locale) {
  const locale_t made = ::newlocale(LC_ALL_MASK, locale, nullptr);
  if (made == nullptr) return false;
  ::freelocale(made);
  return true;
}

}  // namespace

void open_standard_descriptors() {
  // The lowest number that is free is the one that open(2) gives.
  if (is_closed(STDIN_FILENO)) (void)::open("/dev/null", O_RDONLY);
  // Not for writing, so that an answer is known to be lost; nor can /dev/stdout be opened to lose one.
  if (is_closed(STDOUT_FILENO) && ::open("/dev/full", O_RDONLY) < 0) (void)::open("/dev/null", O_RDONLY);
  if (is_closed(STDERR_FILENO)) (void)::open("/dev/null", O_WRONLY);
}

void outlive_readers() {
  // No SIG_IGN, which the programs that it starts would inherit.
  ::signal(SIGPIPE, [](int) {});
}

std::string settle_locale() {
  std::string unknown;
  // The first of those that decide.
  for (const char* name :
       {"LC_ALL", "LANG", "LC_CTYPE", "LC_NUMERIC", "LC_TIME", "LC_COLLATE", "LC_MONETARY", "LC_MESSAGES",
        "LC_PAPER", "LC_NAME", "LC_ADDRESS", "LC_TELEPHONE", "LC_MEASUREMENT", "LC_IDENTIFICATION"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    if (unknown.empty() && !is_known(value)) unknown = std::string(name) + "=" + value;
    if (std::string(name) == "LC_ALL") break;
  }
  ::setenv("LC_ALL", "C", 1);
  return unknown;
}

void end_as_invalid_by_uncaught_exceptions() {
  std::set_terminate([] {
    constexpr std::string_view told = "loopgate: an exception ended it, as when there is no memory left\n";
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, told.data(), told.size());
    ::_exit(exit_invalid);
  });
}

ProgramStart start_program() {
  open_standard_descriptors();
  outlive_readers();
  end_as_invalid_by_uncaught_exceptions();
  return {settle_locale()};
}

}  // namespace loopgate
