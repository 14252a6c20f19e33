// Where the guest's kernel keeps its preempt count: in the running task, or in each CPU's own memory. Knows
// nothing of QEMU.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "protocol/trace_settings.h"
#include "qemu/plugin/arch/arch_ops.h"
#include "qemu/plugin/orc_table.h"

namespace loopgate {

class PreemptCount {
 public:
  PreemptCount(const ArchOps& ops, const SectionSettings& settings, ReadGuest read);

  // Whether an instruction of the kernel's may store a count. Most that may store the one in a task are of
  // other structures: the address tells.
  bool may_store(std::uint64_t address, std::span<const std::uint8_t> instruction);

  // That of a task, on a CPU whose own memory lies at `per_cpu`. 0: it is not known.
  std::uint64_t address_of(std::uint64_t task, std::uint64_t per_cpu);

  // Whether it was found where the kernel keeps it.
  bool is_known() { return !is_per_cpu_ || operand().has_value(); }

 private:
  const std::optional<std::uint64_t>& operand();

  const ArchOps& ops_;
  const SectionSettings settings_;
  const ReadGuest read_;
  const bool is_per_cpu_;
  std::optional<std::uint64_t> operand_;  // from where the CPU's own memory lies
};

}  // namespace loopgate
