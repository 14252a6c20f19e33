// Names for the guest's addresses: the kernel's functions from its own kallsyms, user space from the symbols
// of its ELF files. What has no name is given as its address, never guessed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "explain/arch/explain_arch.h"
#include "protocol/code_map.h"

struct Elf;

namespace loopgate {

// Where the payload's code is, by the agent's report: `payload.code`. A data error where that is damaged.
Result<std::vector<CodeMap>> code_maps_in(const std::string& report);

class Symbols {
 public:
  // Lines of /proc/kallsyms. A data error when there is none of use: all zero without the right to read them.
  static Result<Symbols> of_kernel(std::string_view kallsyms);

  // The functions of an ELF file that the guest runs by this name.
  Status add_program(const std::string& name, const std::filesystem::path& file);

  // A file of the payload's user space. `elf`: its bytes; empty where nobody has them, and its addresses are
  // given as offsets.
  Status add_library(const CodeMap& code, std::string_view elf);

  // Whose user space the addresses are of from now on; `begin` is where its instructions are in the guest.
  void enter_program(const std::string& name, std::uint64_t begin);

  // A number for the function at the address, the same for each address in it.
  std::uint32_t function_at(std::uint64_t address);
  const std::vector<std::string>& names() const { return names_; }

  std::optional<std::uint64_t> address_of(std::string_view name) const;

  // All of the kernel's, by their addresses.
  std::vector<KernelFunction> kernel_functions() const;

  // Whether a function of the kernel's begins there.
  bool begins_kernel_function(std::uint64_t address) const { return kernel_.contains(address); }

 private:
  struct Symbol {
    std::string name;
    std::uint64_t end = 0;  // 0: up to the next symbol
  };
  using Table = std::map<std::uint64_t, Symbol>;  // by the function's begin
  struct Program {
    Table symbols;
    std::uint64_t begin = 0;   // where the file wants its instructions,
    std::uint64_t offset = 0;  // and where it has them
  };
  struct Library {
    CodeMap code;
    Program program;
  };
  static Program read(Elf* elf);
  static const Table::value_type* find(const Table& table, std::uint64_t address);
  const Library* library_at(std::uint64_t address) const;
  std::uint32_t function_of(const Library& library, std::uint64_t address);
  std::uint32_t number_of(const std::string& program, std::uint64_t begin, const std::string& name);

  Table kernel_;
  std::map<std::string, Program> programs_;
  std::vector<Library> libraries_;  // the payload's
  std::string entered_;             // the name of the program
  bool in_payload_ = false;         // and whether it is the one that has the libraries
  std::uint64_t shift_ = 0;
  std::map<std::pair<std::string, std::uint64_t>, std::uint32_t> numbers_;
  std::map<std::uint64_t, std::uint32_t> kernel_numbers_;  // by address, looked up again and again
  std::vector<std::string> names_;
};

}  // namespace loopgate
