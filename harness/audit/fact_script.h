// Reads facts with a shell: turns the request into one script for sh(1), and parses its output. The same
// script runs here, on a board through ssh, or on a machine that Loopgate never reaches; it needs only what
// every Debian or BusyBox has (cat, dd, dmesg, grep, gzip, od, sed, sleep, tr, xargs).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "audit/facts.h"
#include "base/result.h"

namespace loopgate {

// Pauses for one second between two readings. `root` is the folder used as "/"; the kernel's log is always
// the running kernel's.
std::string script_for(const FactRequest& request, const std::filesystem::path& root = "/");

// Globs that are allowed in a script: absolute, with letters, digits and / . _ - + : , @ * ? [ ] only.
bool is_plain_glob(std::string_view glob);

// Errors: data, with the line. `name` is the source of the text.
Result<Facts> parse_facts(std::string_view text, const std::string& name);

// Runs the script on this machine.
Result<Facts> collect_facts(const FactRequest& request);

}  // namespace loopgate
