#include "explain/built_symbols.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "base/file.h"
#include "explain/elf_file.h"
#include "kernel/config_checks.h"

namespace loopgate {
namespace {

bool has_argument(std::string_view arguments, std::string_view wanted) {
  return fmt::format(" {} ", arguments).find(fmt::format(" {} ", wanted)) != std::string::npos;
}

std::set<std::size_t> sections_of_code(Elf* elf) {
  std::set<std::size_t> sections;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header{};
    if (gelf_getshdr(section, &header) != nullptr && (header.sh_flags & SHF_EXECINSTR) != 0)
      sections.insert(elf_ndxscn(section));
  }
  return sections;
}

using Names = std::multimap<std::uint64_t, std::string>;

void add_symbols(Elf* elf, Elf_Scn* section, const GElf_Shdr& header, const std::set<std::size_t>& code,
                 Names* names) {
  Elf_Data* data = elf_getdata(section, nullptr);
  if (data == nullptr || header.sh_entsize == 0) return;
  for (std::size_t i = 0; i < header.sh_size / header.sh_entsize; ++i) {
    GElf_Sym symbol{};
    if (gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr) return;
    const char* text = elf_strptr(elf, header.sh_link, symbol.st_name);
    const auto type = GELF_ST_TYPE(symbol.st_info);
    if (text == nullptr || *text == '\0' || !code.contains(symbol.st_shndx)) continue;
    if (type == STT_FUNC || type == STT_NOTYPE) names->emplace(symbol.st_value, text);
  }
}

}  // namespace

Result<std::string> functions_in_vmlinux(std::string_view elf, const std::string& name) {
  const ElfFile opened(elf);
  if (!opened.is_one()) return fail(ErrorKind::data, name + " is no ELF file");
  const std::set<std::size_t> code = sections_of_code(opened.elf);
  Names names;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(opened.elf, section)) != nullptr;) {
    GElf_Shdr header{};
    if (gelf_getshdr(section, &header) != nullptr && header.sh_type == SHT_SYMTAB)
      add_symbols(opened.elf, section, header, code, &names);
  }
  std::string lines;
  for (const auto& [address, function] : names) lines += fmt::format("{:016x} t {}\n", address, function);
  if (!lines.empty()) return lines;
  return fail(ErrorKind::data, name + " names no function", "build the kernel again");
}

Result<std::optional<KernelSymbols>> built_symbols(const KernelFiles& kernel, std::string_view arguments) {
  if (kernel.types.empty() || kernel.vmlinux.empty()) return std::nullopt;
  TRY(config, read_file(kernel.config));
  if (config_option(config, "CONFIG_DEBUG_INFO_BTF") == "y") return std::nullopt;
  const bool moves = config_option(config, "CONFIG_RANDOMIZE_BASE") == "y";
  if (moves && !has_argument(arguments, "nokaslr")) return std::nullopt;
  TRY(types, read_file(kernel.types));
  TRY(vmlinux, read_file(kernel.vmlinux));
  TRY(functions, functions_in_vmlinux(vmlinux, kernel.vmlinux.string()));
  return KernelSymbols{std::move(functions), std::move(types)};
}

}  // namespace loopgate
