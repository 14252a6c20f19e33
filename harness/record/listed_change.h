// A difference between two kernels' files, for those who do not read these.
#pragma once

#include <string>

namespace loopgate {

struct ListedChange {
  std::string kind;     // "option", "argument", as bisect/kernel_changes.h names them
  std::string was;      // of the first kernel; empty: it is not there
  std::string becomes;  // of the second; likewise
  std::string text;     // "option CONFIG_AUDIT=n -> CONFIG_AUDIT=y"
};

}  // namespace loopgate
