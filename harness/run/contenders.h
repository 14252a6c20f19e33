// A suite whose payload has contenders compares each kernel with each of them. KERNEL+CONTENDER is the name
// of such a pair, and stands wherever a kernel's name does: in cells, policies, tables and pictures.
#pragma once

#include <string>
#include <vector>

#include "config/kernel.h"
#include "config/suite.h"

namespace loopgate {

// A kernel as the user or the suite names it, with one contender of the payload; without where it has none.
struct KernelChoice {
  std::string kernel;  // a name, or a path
  std::string contender;

  std::string text() const { return contender.empty() ? kernel : kernel + "+" + contender; }
};

// "generic" is that kernel with each contender in turn, "generic+go" with that one alone. A payload without
// contenders takes every name as it is.
std::vector<KernelChoice> kernel_choices(const std::vector<std::string>& given, const Payload& payload);

// The kernel under the name of the pair.
Kernel with_contender(Kernel kernel, const std::string& contender);

// The name of the kernel alone.
std::string name_without_contender(const std::string& name, const std::string& contender);

// The payload's command with this contender's own words; placeholders stay. Empty: the payload as it stands.
std::vector<std::string> command_of(const Payload& payload, const std::string& contender);

}  // namespace loopgate
