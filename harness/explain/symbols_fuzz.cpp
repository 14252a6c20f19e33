// libFuzzer: whatever a symbol table or a library of the payload holds, it is refused in one sentence, or its
// addresses have names. The part before the first 0 byte is read as /proc/kallsyms, the rest as an ELF file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "explain/symbols.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\0'), size);
  auto symbols = Symbols::of_kernel(text.substr(0, end));
  if (!symbols) {
    if (symbols.error().kind != ErrorKind::data || symbols.error().what.empty()) std::abort();
    symbols = Symbols::of_kernel("ffff800080000000 T _stext\nffff800080010000 T vectors\n");
  }
  const CodeMap code{.file = "libfuzz.so", .begin = 0x1000, .end = 0x100000};
  if (end < size) (void)symbols->add_library(code, text.substr(end + 1));
  for (const std::uint64_t address :
       {std::uint64_t{0}, std::uint64_t{0x1234}, std::uint64_t{0xffff800080010000}, ~std::uint64_t{0}})
    if (symbols->function_at(address) >= symbols->names().size()) std::abort();
  return 0;
}
