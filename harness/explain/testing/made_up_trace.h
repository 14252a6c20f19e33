// A traced sample put together by hand: blocks at chosen addresses, and what was noted between them.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "explain/trace_reader.h"

namespace loopgate::testing {

inline constexpr std::uint32_t plain = 0xd503201f;  // nop
inline constexpr std::uint32_t call = 0x94000000;
inline constexpr std::uint32_t return_from = 0xd65f03c0;
inline constexpr std::uint32_t exception_return = 0xd69f03e0;
inline constexpr std::uint64_t kernel = 0xffff800080000000;
inline constexpr std::uint64_t vectors = kernel + 0x10000;

inline TraceTask task(std::uint64_t address, std::uint32_t pid, const char* name, std::uint32_t policy = 0,
                      std::int32_t priority = 120) {
  TraceTask task{};
  task.address = address;
  task.pid = task.process = pid;
  task.policy = policy;
  task.priority = priority;
  std::string(name).copy(task.name, sizeof(task.name) - 1);
  return task;
}

template <class... Tasks>
std::vector<std::uint64_t> words_of(const Tasks&... tasks) {
  std::vector<std::uint64_t> words;
  const auto add = [&](const TraceTask& one) {
    std::uint64_t part[sizeof(one) / 8];
    std::memcpy(part, &one, sizeof(one));
    words.insert(words.end(), std::begin(part), std::end(part));
  };
  (add(tasks), ...);
  return words;
}

class MadeUpTrace {
 public:
  explicit MadeUpTrace(std::int64_t stimulus_ns) : now_ns_(stimulus_ns) { sample.stimulus_ns = stimulus_ns; }

  // What follows is of this CPU.
  MadeUpTrace& on(std::uint16_t cpu) {
    cpu_ = cpu;
    return *this;
  }
  // Runs `instructions` of them from the address on; the next block begins when these are over.
  MadeUpTrace& block(std::uint64_t address, std::uint32_t instructions, std::uint32_t last_opcode = plain) {
    return block_of(address, 4 * instructions, instructions, last_opcode);
  }
  // The same of instructions of any size.
  MadeUpTrace& block_of(std::uint64_t address, std::uint32_t size, std::uint32_t instructions,
                        std::uint32_t last_opcode) {
    blocks.push_back({address, instructions, last_opcode, size});
    sample.events.push_back(
        {TraceKind::run, cpu_, now_ns_, static_cast<std::uint32_t>(blocks.size() - 1), {}});
    now_ns_ += instructions;
    return *this;
  }
  MadeUpTrace& note(TraceKind kind, std::vector<std::uint64_t> words) {
    sample.events.push_back({kind, cpu_, 0, 0, std::move(words)});
    return *this;
  }
  void answer() {
    sample.response_ns = now_ns_;
    sample.response_cpu = cpu_;
  }

  TracedSample sample;
  std::vector<TraceBlock> blocks;

 private:
  std::uint16_t cpu_ = 0;
  std::int64_t now_ns_;
};

// "ffff800080000000 T name" for functions 0x1000 apart from the kernel's begin on, and the vectors.
inline std::string kallsyms(std::initializer_list<const char*> names) {
  std::string text;
  char line[128];
  std::uint64_t address = kernel;
  for (const char* name : names) {
    std::snprintf(line, sizeof(line), "%llx T %s\n", static_cast<unsigned long long>(address), name);
    text += line;
    address += 0x1000;
  }
  std::snprintf(line, sizeof(line), "%llx T vectors\n", static_cast<unsigned long long>(vectors));
  return text + line;
}

}  // namespace loopgate::testing
