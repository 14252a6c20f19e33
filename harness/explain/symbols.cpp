#include "explain/symbols.h"

#include <cxxabi.h>
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "explain/elf_file.h"

namespace loopgate {
namespace {

constexpr std::uint64_t page_mask = 0xfff;  // neighbours without a name share one

// A label of the assembler or compiler, not a function: mapping symbols ($x, $d) and local ones (.L).
bool is_label(std::string_view name) { return name.empty() || name[0] == '$' || name.starts_with(".L"); }

std::string demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(name, nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 && text != nullptr ? text.get() : name;
}

// The segment of the file's instructions; all zero when it has none.
GElf_Phdr code_segment(Elf* elf) {
  std::size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return {};
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr header{};
    if (gelf_getphdr(elf, static_cast<int>(i), &header) == nullptr) return {};
    if (header.p_type == PT_LOAD && (header.p_flags & PF_X) != 0) return header;
  }
  return {};
}

// The last part of a path.
std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// As the kernel names a task after its program (TASK_COMM_LEN).
std::string task_name(const std::string& path) { return file_name(path).substr(0, 15); }

}  // namespace

Result<Symbols> Symbols::of_kernel(std::string_view kallsyms) {
  Symbols symbols;
  while (!kallsyms.empty()) {
    const std::size_t end = kallsyms.find('\n');
    std::string_view line = kallsyms.substr(0, end);
    kallsyms.remove_prefix(end == std::string_view::npos ? kallsyms.size() : end + 1);
    std::uint64_t address = 0;
    const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), address, 16);
    line.remove_prefix(static_cast<std::size_t>(rest - line.data()));
    if (error != std::errc() || address == 0 || line.size() < 4) continue;
    std::string_view name = line.substr(
        3, line.find('\t') == std::string_view::npos ? std::string_view::npos : line.find('\t') - 3);
    if (!is_label(name)) symbols.kernel_.insert({address, {std::string(name), 0}});
  }
  if (symbols.kernel_.empty())
    return fail(ErrorKind::data, "the guest's /proc/kallsyms names no function",
                "the kernel needs CONFIG_KALLSYMS");
  return symbols;
}

Result<std::vector<CodeMap>> code_maps_in(const std::string& report) {
  const auto document = parse_json(report);
  std::vector<CodeMap> maps;
  try {  // nlohmann-json tells of a key that is missing or of another type by exception
    for (const auto& code : document.at("payload").at("code"))
      maps.push_back({code.at("file"), code.at("begin"), code.at("end"), code.at("offset")});
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorKind::data,
                std::string("the agent's report does not say where the payload's code is: ") + error.what());
  }
  return maps;
}

Symbols::Program Symbols::read(Elf* elf) {
  const GElf_Phdr code = code_segment(elf);
  Program program{{}, code.p_vaddr, code.p_offset};
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header{};
    if (gelf_getshdr(section, &header) == nullptr || header.sh_entsize == 0 ||
        (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_DYNSYM))
      continue;
    Elf_Data* data = elf_getdata(section, nullptr);
    for (std::size_t i = 0; i < header.sh_size / header.sh_entsize; ++i) {
      GElf_Sym symbol{};
      if (gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr) break;
      const char* text = elf_strptr(elf, header.sh_link, symbol.st_name);
      if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_value == 0 || text == nullptr) continue;
      program.symbols.insert({symbol.st_value, {demangled(text), symbol.st_value + symbol.st_size}});
    }
  }
  return program;
}

Status Symbols::add_program(const std::string& name, const std::filesystem::path& file) {
  auto bytes = read_file(file);
  if (!bytes) return tl::unexpected(bytes.error());
  const ElfFile opened(*bytes);
  if (!opened.is_one()) return fail(ErrorKind::data, fmt::format("{} is no ELF file", file.string()));
  programs_[name] = read(opened.elf);
  return {};
}

Status Symbols::add_library(const CodeMap& code, std::string_view elf) {
  Library library{code, {}};
  if (!elf.empty()) {
    const ElfFile opened(elf);
    if (!opened.is_one()) return fail(ErrorKind::data, fmt::format("{} is no ELF file", code.file));
    library.program = read(opened.elf);
  }
  libraries_.push_back(std::move(library));
  return {};
}

void Symbols::enter_program(const std::string& name, std::uint64_t begin) {
  entered_ = name;
  const auto program = programs_.find(name);
  shift_ = program == programs_.end() ? 0 : begin - program->second.begin;
  const Library* own = library_at(begin);
  in_payload_ = own != nullptr && task_name(own->code.file) == name;
}

const Symbols::Library* Symbols::library_at(std::uint64_t address) const {
  for (const Library& library : libraries_) {
    if (library.code.begin <= address && address < library.code.end) return &library;
  }
  return nullptr;
}

std::uint32_t Symbols::function_of(const Library& library, std::uint64_t address) {
  const std::string name = file_name(library.code.file);
  // As the file has it, so that it can be looked up there.
  const std::uint64_t within =
      address - library.code.begin + library.code.offset - library.program.offset + library.program.begin;
  if (const auto* found = find(library.program.symbols, within))
    return number_of(library.code.file, found->first, found->second.name);
  const std::uint64_t page = within & ~page_mask;
  return number_of(library.code.file, page | 1U, fmt::format("{:#x} in {}", page, name));
}

std::uint32_t Symbols::number_of(const std::string& program, std::uint64_t begin, const std::string& name) {
  const auto [found, is_new] = numbers_.insert({{program, begin}, static_cast<std::uint32_t>(names_.size())});
  if (is_new) names_.push_back(name);
  return found->second;
}

// A kernel symbol has no end of its own; 1 MiB is more than any function.
const Symbols::Table::value_type* Symbols::find(const Table& table, std::uint64_t address) {
  const auto after = table.upper_bound(address);
  if (after == table.begin()) return nullptr;
  const auto& found = *std::prev(after);
  const std::uint64_t end = found.second.end != 0 ? found.second.end : found.first + (1U << 20U);
  return address < end ? &found : nullptr;
}

std::uint32_t Symbols::function_at(std::uint64_t address) {
  const std::uint64_t page = address & ~page_mask;
  if (address >> 63U != 0) {
    if (const auto known = kernel_numbers_.find(address); known != kernel_numbers_.end())
      return known->second;
    const auto* found = find(kernel_, address);
    const std::uint32_t number = found != nullptr ? number_of("", found->first, found->second.name)
                                                  : number_of("", page | 1U, fmt::format("{:#x}", page));
    kernel_numbers_[address] = number;
    return number;
  }
  const auto program = programs_.find(entered_);
  const auto* found = program == programs_.end() ? nullptr : find(program->second.symbols, address - shift_);
  if (found != nullptr) return number_of(entered_, found->first, found->second.name);
  if (const Library* library = in_payload_ ? library_at(address) : nullptr)
    return function_of(*library, address);
  return number_of(entered_, page | 1U, fmt::format("{:#x} in {}", page, entered_));
}

std::vector<KernelFunction> Symbols::kernel_functions() const {
  std::vector<KernelFunction> functions;
  for (const auto& [address, symbol] : kernel_) {
    if (!functions.empty()) functions.back().end = address;
    functions.push_back({symbol.name, address, address});
  }
  return functions;
}

std::optional<std::uint64_t> Symbols::address_of(std::string_view name) const {
  for (const auto& [address, symbol] : kernel_) {
    if (symbol.name == name) return address;
  }
  return std::nullopt;
}

}  // namespace loopgate
