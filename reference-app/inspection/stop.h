// Ends the loop reliably. A signal that arrives just before the blocking call does not interrupt it, so an
// alarm follows each second until one interrupts the call.
#pragma once

#include <unistd.h>

#include <csignal>

#include "target/service.h"

namespace loopgate::inspection {

// SIGTERM and SIGINT set target::stop_requested.
inline void stop_on_signals() {
  struct sigaction action{};
  action.sa_handler = [](int) {
    target::stop_requested = 1;
    ::alarm(1);
  };
  for (const int signal : {SIGTERM, SIGINT, SIGALRM}) ::sigaction(signal, &action, nullptr);
}

// Nothing after the loop may be interrupted.
inline void stop_has_come() { ::alarm(0); }

}  // namespace loopgate::inspection
