// What one check of `doctor` found.
#pragma once

#include <string>

namespace loopgate {

struct DoctorFinding {
  enum class State {
    good,
    missing,   // nothing can be measured before it is fixed
    optional,  // it goes without
    unknown,   // it could not be asked
  };
  State state = State::missing;
  std::string name;
  std::string what;
  std::string fix;  // what to do about it
};

}  // namespace loopgate
