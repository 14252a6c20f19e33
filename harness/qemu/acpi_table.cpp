#include "qemu/acpi_table.h"

#include <cstdint>
#include <numeric>
#include <string_view>

namespace loopgate {
namespace {

using namespace std::string_view_literals;

// harness/qemu/plugin/own_gpio_controller.cpp puts it there.
constexpr std::uint32_t registers_address = 0xfed0c000;
constexpr std::uint32_t registers_size = 0x1000;
constexpr std::uint32_t interrupt = 10;  // of the I/O APIC

std::string word(std::uint32_t value) {
  std::string bytes;
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift & 0xffU);
  return bytes;
}

// A term: its opcode, AML's PkgLength, which counts itself, and what it holds.
std::string package(std::string_view opcode, const std::string& content) {
  std::string term(opcode);
  if (content.size() + 1 < 0x40) {
    term += static_cast<char>(content.size() + 1);
  } else {
    const std::size_t length = content.size() + 2;
    term += static_cast<char>(0x40U | (length & 0xfU));
    term += static_cast<char>(length >> 4U);
  }
  return term + content;
}

std::string named(std::string_view name, const std::string& value) {
  return "\x08" + std::string(name) + value;
}

std::string text(std::string_view value) { return "\x0d" + std::string(value) + '\0'; }

std::string resources() {
  const std::string memory =
      std::string("\x86\x09\x00\x01"sv) + word(registers_address) + word(registers_size);
  // Level, active high, a consumer's own: as QEMU's tables have this pin.
  const std::string irq = std::string("\x89\x06\x00\x01\x01"sv) + word(interrupt);
  const std::string content = memory + irq + std::string("\x79\x00"sv);
  return package("\x11", std::string("\x0a") + static_cast<char>(content.size()) + content);
}

}  // namespace

std::string gpio_acpi_table() {
  const std::string device = package("\x5b\x82", "GPO0" + named("_HID", text("INT33FC")) +
                                                     named("_UID", text("1")) + named("_CRS", resources()));
  const std::string scope = package("\x10", "\\_SB_" + device);
  constexpr std::uint32_t header_size = 36;
  constexpr std::size_t checksum_at = 9;
  std::string table = "SSDT" + word(header_size + static_cast<std::uint32_t>(scope.size())) +
                      std::string("\x02\x00"sv) + "LOOPGTGPIO    " + word(1) + "LOOP" + word(1) + scope;
  const unsigned sum = std::accumulate(table.begin(), table.end(), 0U, [](unsigned all, char c) {
    return all + static_cast<unsigned char>(c);
  });
  table[checksum_at] = static_cast<char>(0U - sum);
  return table;
}

}  // namespace loopgate
