// An argument of a kernel's file of which nothing shows that it has an effect.
#pragma once

#include <string>
#include <vector>

namespace loopgate {

struct UnconfirmedArgument {
  std::string argument;  // as it was asked for: rcupdate.rcu_expeditd=1
  std::string why;       // "the kernel does not say whether it knows it: ..."

  bool operator==(const UnconfirmedArgument&) const = default;
};

}  // namespace loopgate
