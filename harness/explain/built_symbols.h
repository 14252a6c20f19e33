// The symbols of a kernel that was built here and does not tell them itself (no CONFIG_DEBUG_INFO_BTF): its
// functions from vmlinux, and its types from what was made beside it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "machine/machine.h"

namespace loopgate {

// Nothing where the guest is to be asked: nothing was made beside the kernel, it has types of its own, or its
// functions are moved as it boots (CONFIG_RANDOMIZE_BASE without nokaslr). A data error where a file of it
// can't be read.
Result<std::optional<KernelSymbols>> built_symbols(const KernelFiles& kernel, std::string_view arguments);

// Lines as of /proc/kallsyms, of the symbols in sections of instructions, by rising address. A data error
// where the bytes are no ELF file, or name no function.
Result<std::string> functions_in_vmlinux(std::string_view elf, const std::string& name);

}  // namespace loopgate
