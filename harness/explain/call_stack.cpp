#include "explain/call_stack.h"

namespace loopgate {
namespace {

constexpr std::size_t max_frames = 256;

// Behind a call: an address of the function that called, even where the call was its last instruction.
std::uint64_t call_before(std::uint64_t returns_to) { return returns_to - 1; }

}  // namespace

std::uint32_t CallChains::callee(std::uint32_t caller, std::uint32_t function) {
  const auto [found, is_new] =
      numbers_.insert({{caller, function}, static_cast<std::uint32_t>(nodes_.size())});
  if (is_new) nodes_.push_back({caller, function});
  return found->second;
}

void CallStack::replace(const std::vector<std::uint64_t>& words) {
  frames_.clear();
  interrupts_ = 0;
  chain_ = 0;
  std::vector<std::uint64_t> returns(words.begin() + 2, words.end());
  // A function that has no frame of its own (yet) has its caller in the link register alone.
  const std::uint64_t link = words[1];
  if (link != 0 && (returns.empty() || returns.front() != link) &&
      symbols_->function_at(call_before(link)) != symbols_->function_at(words[0]))
    returns.insert(returns.begin(), link);
  for (auto address = returns.rbegin(); address != returns.rend(); ++address) {
    const bool innermost = address + 1 == returns.rend();
    const std::uint64_t inner = innermost ? words[0] : call_before(address[1]);
    // No call led there: the address is where the interrupted function goes on.
    const bool exception = arch_.enters_exception(symbols_->names()[symbols_->function_at(inner)]);
    const std::uint32_t function = symbols_->function_at(exception ? *address : call_before(*address));
    if (!exception && passes_on(function)) continue;
    chain_ = chains_->callee(chain_, function);
    frames_.push_back({chain_, *address, exception, false});
  }
  chain_ = chains_->callee(chain_, symbols_->function_at(words[0]));
  before_ = {};
}

bool CallStack::is_within(std::uint32_t chain) const {
  for (std::uint32_t node = chain_; node != 0; node = (*chains_)[node].parent) {
    if (node == chain) return true;
  }
  return false;
}

bool CallStack::goes_through(std::string_view function) const {
  for (std::uint32_t node = chain_; node != 0; node = (*chains_)[node].parent) {
    if (symbols_->names()[(*chains_)[node].function] == function) return true;
  }
  return false;
}

void CallStack::pop() {
  if (frames_.back().interrupt) --interrupts_;
  frames_.pop_back();
}

void CallStack::take_exception(std::uint64_t interrupted, bool interrupt) {
  // Taken right where another one had ended, before an instruction ran that would have told of the end.
  const bool within = interrupted >= before_.address && interrupted < end_of(before_);
  if (before_.instructions != 0 && !within && arch_.is_exception_return(before_.last_opcode)) end_exception();
  frames_.push_back({chain_, interrupted, true, interrupt});
  if (interrupt) ++interrupts_;
  exception_taken_ = true;
}

void CallStack::return_to(std::uint64_t address) {
  for (std::size_t i = frames_.size(); i > 0 && !frames_[i - 1].exception; --i) {
    if (frames_[i - 1].returns_to != address) continue;
    while (frames_.size() > i) pop();
    chain_ = frames_.back().chain;
    pop();
    return;
  }
}

void CallStack::end_exception() {
  while (!frames_.empty() && !frames_.back().exception) pop();
  if (frames_.empty()) return;
  chain_ = frames_.back().chain;
  pop();
}

bool CallStack::passes_on(std::uint32_t function) const {
  return arch_.passes_on != nullptr && arch_.passes_on(symbols_->names()[function]);
}

// The kernel keeps the CPU from guessing where a return leads by calls that nobody returns from: to a place
// within the same function, or out of one that passes on.
bool CallStack::never_returns(const TraceBlock& block) const {
  if (!arch_.is_kernel(before_.address)) return false;
  const std::uint32_t caller = symbols_->function_at(before_.address);
  return passes_on(caller) ||
         (!symbols_->begins_kernel_function(block.address) && symbols_->function_at(block.address) == caller);
}

void CallStack::follow(const TraceBlock& block) {
  // Broken off within (a device was accessed), and gone on with: nothing was called.
  const bool resumed = block.address > before_.address && block.address < end_of(before_);
  if (before_.instructions == 0 || resumed) return;
  if (arch_.is_exception_return(before_.last_opcode)) {
    end_exception();
  } else if (!follow_calls_) {
    return;
  } else if (arch_.is_return(before_.last_opcode)) {
    return_to(block.address);
  } else if (arch_.is_call(before_.last_opcode) && block.address != end_of(before_) &&
             !never_returns(block) && frames_.size() < max_frames) {
    frames_.push_back({chain_, end_of(before_), false, false});
    chain_ = chains_->callee(chain_, symbols_->function_at(block.address));
  }
}

void CallStack::run(const TraceBlock& block) {
  in_kernel_ = arch_.is_kernel(block.address);
  const std::uint32_t function = symbols_->function_at(block.address);
  if (exception_taken_) {
    exception_taken_ = false;
    chain_ = chains_->callee(chain_, function);
  } else {
    follow(block);
    // A jump into another function takes the place of the one that it left.
    if ((*chains_)[chain_].function != function || chain_ == 0)
      chain_ = chains_->callee((*chains_)[chain_].parent, function);
  }
  before_ = block;
}

}  // namespace loopgate
