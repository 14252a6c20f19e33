// Facts through a shell: the request as one script for sh(1), and its output read back. The same script runs
// here, on a board through ssh, or on a machine that Loopgate never reaches; it needs nothing there but what
// every Debian or BusyBox has (cat, dd, dmesg, grep, gzip, od, sed, sleep, tr, xargs).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "audit/facts.h"
#include "base/result.h"

namespace loopgate {

// Takes a second longer than its reading. `root` is the folder that is looked at as "/"; the kernel's log is
// always the running one's.
std::string script_for(const FactRequest& request, const std::filesystem::path& root = "/");

// Globs that may stand in a script: absolute, and of letters, digits and / . _ - + : , @ * ? [ ] only.
bool is_plain_glob(std::string_view glob);

// A data error names the line. `name` is where the text is from.
Result<Facts> parse_facts(std::string_view text, const std::string& name);

// Runs the script on this machine.
Result<Facts> collect_facts(const FactRequest& request);

}  // namespace loopgate
