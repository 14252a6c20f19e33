// A payload for the job runner's tests: says READY=1 or not, and ends by itself, when told to, or not at all.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "target/service.h"

int main(int argc, char** argv) {
  const std::string_view manner = argc > 1 ? argv[1] : "";
  if (manner == "refuses") {
    std::fputs("no right to do it\n", stderr);
    return 3;
  }
  if (manner == "ignores-stop") {
    std::signal(SIGTERM, SIG_IGN);
  } else {
    loopgate::target::end_on_signals();
  }
  if (manner != "never-ready" && !loopgate::target::notify_ready()) return 9;
  if (manner == "dies") {  // once the file is there that the test writes
    while (::access(argv[2], F_OK) != 0) ::usleep(1'000);
    std::abort();
  }
  while (loopgate::target::stop_requested == 0) ::pause();
  std::puts("{\"events\":7}");
  return 0;
}
