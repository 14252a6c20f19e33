// Follows the CPU's call chain from block to block: calls, returns, exceptions and their returns, as the last
// instruction of each block says (Arm ARM, C6.2). Where a task comes in whose chain was not followed, the
// chain is the one that its frame pointers gave.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "explain/explanation.h"
#include "explain/symbols.h"
#include "explain/watch_reader.h"

namespace loopgate {

class CallStack {
 public:
  // `follow_calls` false where blocks are left out: exceptions alone are followed then.
  CallStack(Symbols* symbols, std::uint64_t vectors, bool follow_calls)
      : symbols_(symbols), vectors_(vectors), follow_calls_(follow_calls) {}

  // A task's chain from its frame pointers: words of TraceKind::stack.
  void replace(const std::vector<std::uint64_t>& words);
  // The exception that the next block handles.
  void take_exception(std::uint64_t interrupted);
  void run(const WatchedBlock& block);

  // In chains().
  std::uint32_t chain() const { return chain_; }
  // Whether the CPU is in that call chain, or in what it called.
  bool is_within(std::uint32_t chain) const;
  // Whether a function of this name is in the call chain.
  bool goes_through(std::string_view function) const;
  bool in_interrupt() const { return interrupts_ > 0; }
  bool in_kernel() const { return in_kernel_; }
  std::vector<CallNode> take_chains() { return std::move(chains_); }

 private:
  struct Frame {
    std::uint32_t chain;
    std::uint64_t returns_to;
    bool exception;
    bool interrupt;
  };
  void follow(const WatchedBlock& block);
  void return_to(std::uint64_t address);
  void end_exception();
  void pop();
  std::uint32_t callee(std::uint32_t caller, std::uint32_t function);

  Symbols* symbols_;
  std::uint64_t vectors_;
  bool follow_calls_;
  std::vector<Frame> frames_;  // what each will go on with; the innermost last
  std::vector<CallNode> chains_ = {{}};
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> nodes_;
  std::uint32_t chain_ = 0;
  WatchedBlock before_;
  bool exception_taken_ = false;
  unsigned interrupts_ = 0;
  bool in_kernel_ = true;
};

}  // namespace loopgate
