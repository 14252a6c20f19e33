// A signal that a task sends itself: the call, the handler, and the return from it.
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "primitive.h"

namespace loopgate::primitives {
namespace {

volatile std::sig_atomic_t handled = 0;

class Signal : public Primitive {
 public:
  explicit Signal(const Settings&) : process_(::getpid()), thread_(::syscall(SYS_gettid)) {
    struct sigaction action{};
    action.sa_handler = [](int) { handled = 1; };
    if (::sigaction(SIGUSR1, &action, nullptr) != 0) refuse("sigaction");
  }
  void iterate() {
    handled = 0;
    ::syscall(SYS_tgkill, process_, thread_, SIGUSR1);
    must_hold(handled == 1, "the signal was not handled when tgkill returned");
  }

 private:
  long process_, thread_;
};

}  // namespace

std::vector<Entry> signals() {
  return {entry<Signal>("signal", "a signal to oneself: sent, handled, returned from")};
}

}  // namespace loopgate::primitives
