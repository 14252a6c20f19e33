// Whether KVM really runs guests here.
#pragma once

#include <string>

namespace loopgate {

struct KvmAnswer {
  bool usable = false;
  std::string what;  // one sentence
};

// Runs a guest of three instructions on /dev/kvm, within two seconds: a device that can be opened says
// little, since nested virtualisation may offer it and never run a guest.
KvmAnswer try_kvm();

}  // namespace loopgate
