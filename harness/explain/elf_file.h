// An ELF file in memory, for libelf.
#pragma once

#include <gelf.h>

#include <string_view>

namespace loopgate {

// The bytes must outlive it.
struct ElfFile {
  explicit ElfFile(std::string_view bytes) {
    // libelf takes bytes to change, and changes none that it was not asked to.
    if (elf_version(EV_CURRENT) != EV_NONE) elf = elf_memory(const_cast<char*>(bytes.data()), bytes.size());
  }
  ~ElfFile() {
    if (elf != nullptr) elf_end(elf);
  }
  ElfFile(const ElfFile&) = delete;
  ElfFile& operator=(const ElfFile&) = delete;
  bool is_one() const { return elf != nullptr && elf_kind(elf) == ELF_K_ELF; }
  Elf* elf = nullptr;
};

}  // namespace loopgate
