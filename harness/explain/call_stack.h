// Follows a CPU's call chain from block to block: calls, returns, exceptions and their returns, as the last
// instruction of each block says. Where a task comes in whose chain was not followed, the chain is the one
// that its frame pointers gave.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "explain/arch/explain_arch.h"
#include "explain/sample/explained_sample.h"
#include "explain/symbols.h"
#include "explain/trace_reader.h"

namespace loopgate {

// The call chains of a sample, each once, whichever CPU they were on.
class CallChains {
 public:
  std::uint32_t callee(std::uint32_t caller, std::uint32_t function);
  const CallNode& operator[](std::uint32_t chain) const { return nodes_[chain]; }
  std::vector<CallNode> take() { return std::move(nodes_); }

 private:
  std::vector<CallNode> nodes_ = {{}};
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> numbers_;
};

class CallStack {
 public:
  // `follow_calls` false where blocks are left out: exceptions alone are followed then.
  CallStack(const ExplainArch& arch, Symbols* symbols, CallChains* chains, bool follow_calls)
      : arch_(arch), symbols_(symbols), chains_(chains), follow_calls_(follow_calls) {}

  // A task's chain from its frame pointers: words of TraceKind::stack.
  void replace(const std::vector<std::uint64_t>& words);
  // The exception that the next block handles.
  void take_exception(std::uint64_t interrupted, bool interrupt);
  void run(const TraceBlock& block);

  // In the CallChains.
  std::uint32_t chain() const { return chain_; }
  // Whether the CPU is in that call chain, or in what it called.
  bool is_within(std::uint32_t chain) const;
  // Whether a function of this name is in the call chain.
  bool goes_through(std::string_view function) const;
  bool in_interrupt() const { return interrupts_ > 0; }
  bool in_kernel() const { return in_kernel_; }

 private:
  struct Frame {
    std::uint32_t chain;
    std::uint64_t returns_to;
    bool exception;
    bool interrupt;
  };
  void follow(const TraceBlock& block);
  void return_to(std::uint64_t address);
  void end_exception();
  void pop();
  bool passes_on(std::uint32_t function) const;
  // Whether nobody returns from the call that led to this block.
  bool never_returns(const TraceBlock& block) const;
  static std::uint64_t end_of(const TraceBlock& block) { return block.address + block.size; }

  const ExplainArch& arch_;
  Symbols* symbols_;
  CallChains* chains_;
  bool follow_calls_;
  std::vector<Frame> frames_;  // what each will go on with; the innermost last
  std::uint32_t chain_ = 0;
  TraceBlock before_;
  bool exception_taken_ = false;
  unsigned interrupts_ = 0;
  bool in_kernel_ = true;
};

}  // namespace loopgate
