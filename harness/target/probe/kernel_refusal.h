// Why a kernel takes no probe, in one sentence with what to do about it, from what it said. Pure.
#pragma once

#include <string>
#include <string_view>

namespace loopgate {

struct Refusal {
  int error = 0;              // errno
  std::string said = {};      // the last lines of libbpf and of the kernel's verifier
  std::string lockdown = {};  // /sys/kernel/security/lockdown; empty where it cannot be read
  bool has_types = true;      // /sys/kernel/btf/vmlinux is there
  bool is_root = true;
};

// "WHAT -> WHAT TO DO"
std::string sentence_of(const Refusal& refusal);

// The mode that the file has in brackets; "none" for an empty text.
std::string lockdown_mode(std::string_view file);

}  // namespace loopgate
