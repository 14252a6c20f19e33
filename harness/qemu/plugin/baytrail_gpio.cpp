#include "qemu/plugin/baytrail_gpio.h"

#include <algorithm>
#include <utility>

namespace loopgate {
namespace {

// Which pad a line is (byt_score_pins_map in Linux's driver).
constexpr std::array<int, BaytrailGpio::lines> pad_of_line = {85, 89, 93, 96, 99, 102, 98, 101};

constexpr std::uint64_t status_begin = 0x800;
constexpr std::uint64_t pad_size = 16, configuration_at = 0, value_at = 8;

constexpr std::uint32_t level_bit = 1U << 0U;
constexpr std::uint32_t output_off_bit = 1U << 1U;
constexpr std::uint32_t on_level_bit = 1U << 24U;  // instead of an edge: no line of ours is used so
constexpr std::uint32_t on_rising_bit = 1U << 25U;
constexpr std::uint32_t on_falling_bit = 1U << 26U;

std::size_t pad_of(int line) {
  return static_cast<std::size_t>(pad_of_line.at(static_cast<std::size_t>(line)));
}

}  // namespace

BaytrailGpio::BaytrailGpio(std::function<void(bool)> interrupt, Registers* registers)
    : interrupt_(std::move(interrupt)), registers_(*registers) {}

void BaytrailGpio::connect_output(int line, std::function<void(bool)> hear) {
  outputs_.at(static_cast<std::size_t>(line)) = std::move(hear);
}

std::uint32_t BaytrailGpio::read(std::uint64_t offset) const {
  if (offset >= status_begin) {
    const std::uint64_t word = (offset - status_begin) / 4;
    return word < registers_.status.size() ? registers_.status.at(word) : 0;
  }
  const Pad& pad = registers_.pads.at(offset / pad_size);
  switch (offset % pad_size) {
    case configuration_at:
      return pad.configuration;
    case value_at:
      if ((pad.value & output_off_bit) == 0) return pad.value;
      return (pad.value & ~level_bit) | (pad.outside != 0 ? level_bit : 0);
    default:
      return 0;
  }
}

void BaytrailGpio::write(std::uint64_t offset, std::uint32_t value) {
  if (offset >= status_begin) {
    const std::uint64_t word = (offset - status_begin) / 4;
    if (word < registers_.status.size()) registers_.status.at(word) &= ~value;
    update_interrupt();
    return;
  }
  Pad& pad = registers_.pads.at(offset / pad_size);
  if (offset % pad_size == configuration_at) pad.configuration = value;
  if (offset % pad_size != value_at) return;
  pad.value = value;
  for (int line = 0; line < lines; ++line) {
    const auto& hear = outputs_[static_cast<std::size_t>(line)];
    if (hear && pad_of(line) == offset / pad_size) hear(drives(line));
  }
}

bool BaytrailGpio::drives(int line) const {
  return (registers_.pads.at(pad_of(line)).value & (output_off_bit | level_bit)) == level_bit;
}

void BaytrailGpio::set_input(int line, bool level) {
  Pad& input = registers_.pads.at(pad_of(line));
  if (std::exchange(input.outside, std::uint32_t{level}) == std::uint32_t{level}) return;
  const std::uint32_t edge = level ? on_rising_bit : on_falling_bit;
  if ((input.configuration & on_level_bit) != 0 || (input.configuration & edge) == 0) return;
  registers_.status.at(0) |= 1U << static_cast<unsigned>(line);
  update_interrupt();
}

void BaytrailGpio::update_interrupt() {
  const bool raised = std::ranges::any_of(registers_.status, [](std::uint32_t word) { return word != 0; });
  if (std::exchange(registers_.raised, std::uint32_t{raised}) != std::uint32_t{raised}) interrupt_(raised);
}

}  // namespace loopgate
