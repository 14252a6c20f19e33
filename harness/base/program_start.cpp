#include "base/program_start.h"

#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <string_view>

#include "base/exit_status.h"

namespace loopgate {
namespace {

bool is_known(const char* locale) {
  const locale_t made = ::newlocale(LC_ALL_MASK, locale, nullptr);
  if (made == nullptr) return false;
  ::freelocale(made);
  return true;
}

}  // namespace

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

void settle_path() {
  const char* path = std::getenv("PATH");
  if (path == nullptr || *path == '\0')
    ::setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
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
  settle_path();
  return {settle_locale()};
}

}  // namespace loopgate
