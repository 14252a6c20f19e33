// A kernel that comes as a package or an image, built again from another kernel's sources: with its options,
// as far as they are in an image. So each of them can be told apart, and what is left is what sources,
// compiler and patches make. Pure.
#pragma once

#include <string>
#include <vector>

#include "bisect/config_options.h"
#include "record/listed_change.h"

namespace loopgate {

struct RebuiltOptions {
  std::vector<ConfigOption> fragment;  // over the base of the kernel that is built
  std::vector<ListedChange> left_out;  // that differ and are not taken over; `kind` says why
};

// Why an option is left out: `kind` of a ListedChange.
inline constexpr const char* left_out_module = "module";                // nothing loads it
inline constexpr const char* left_out_text = "text";                    // a name, a path, a key
inline constexpr const char* left_out_symbols = "debugger's symbols";   // no code
inline constexpr const char* left_out_not_asked = "not asked for";      // no --option names it
inline constexpr const char* left_out_lost = "not taken";               // Kconfig gave it another value
inline constexpr const char* left_out_follows = "follows from others";  // it has no prompt

// `own`: of the built kernel's fragments. `built` and `other`: all of both kernels' final .configs. `globs`:
// of the options that are taken over (fnmatch(3)); empty: all.
RebuiltOptions rebuilt_options(const std::vector<ConfigOption>& own, const std::vector<ConfigOption>& built,
                               const std::vector<ConfigOption>& other, const std::vector<std::string>& globs);

// Without these, which go to `left_out` with `why`. Only differences are dropped.
void leave_out(const std::vector<std::string>& names, const char* why, const std::vector<ConfigOption>& built,
               RebuiltOptions* options);

// "1,234 options differ and are in no step: 1,100 module, 80 text"; empty where there are none.
std::string left_out_text_of(const std::vector<ListedChange>& left_out);

}  // namespace loopgate
