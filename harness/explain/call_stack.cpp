#include "explain/call_stack.h"

#include <string_view>

namespace loopgate {
namespace {

constexpr std::size_t frames_most = 256;

bool is_call(std::uint32_t opcode) {
  return (opcode & 0xfc000000U) == 0x94000000U ||  // BL
         (opcode & 0xfffffc1fU) == 0xd63f0000U;    // BLR
}
bool is_return(std::uint32_t opcode) { return (opcode & 0xfffffc1fU) == 0xd65f0000U; }
bool is_exception_return(std::uint32_t opcode) { return opcode == 0xd69f03e0U; }

// IRQ and FIQ entries are the second and third of each group of four, 0x80 apart.
bool is_interrupt_vector(std::uint64_t offset) {
  const std::uint64_t within = offset & 0x1ffU;
  return within >= 0x80 && within < 0x180;
}

// Where the kernel saves what an exception interrupted and links it into the frames
// (arch/arm64/kernel/entry.S).
bool enters_exception(std::string_view function) {
  return function.starts_with("el1h_64_") && !function.ends_with("_handler");
}

}  // namespace

std::uint32_t CallStack::callee(std::uint32_t caller, std::uint32_t function) {
  const auto [found, is_new] =
      nodes_.insert({{caller, function}, static_cast<std::uint32_t>(chains_.size())});
  if (is_new) chains_.push_back({caller, function});
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
      symbols_->function_at(link - 4) != symbols_->function_at(words[0]))
    returns.insert(returns.begin(), link);
  for (auto address = returns.rbegin(); address != returns.rend(); ++address) {
    const bool innermost = address + 1 == returns.rend();
    const std::uint64_t inner = innermost ? words[0] : address[1] - 4;
    // No call led there: the address is where the interrupted function goes on.
    const bool exception = enters_exception(symbols_->names()[symbols_->function_at(inner)]);
    chain_ = callee(chain_, symbols_->function_at(exception ? *address : *address - 4));
    frames_.push_back({chain_, *address, exception, false});
  }
  chain_ = callee(chain_, symbols_->function_at(words[0]));
  before_ = {};
}

bool CallStack::is_within(std::uint32_t chain) const {
  for (std::uint32_t node = chain_; node != 0; node = chains_[node].parent) {
    if (node == chain) return true;
  }
  return false;
}

bool CallStack::goes_through(std::string_view function) const {
  for (std::uint32_t node = chain_; node != 0; node = chains_[node].parent) {
    if (symbols_->names()[chains_[node].function] == function) return true;
  }
  return false;
}

void CallStack::pop() {
  if (frames_.back().interrupt) --interrupts_;
  frames_.pop_back();
}

void CallStack::take_exception(std::uint64_t interrupted) {
  frames_.push_back({chain_, interrupted, true, false});
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

void CallStack::follow(const WatchedBlock& block) {
  // Broken off within (a device was accessed), and gone on with: nothing was called.
  const bool resumed = block.address > before_.address && block.address < before_.end();
  if (before_.instructions == 0 || resumed) return;
  if (is_exception_return(before_.last_opcode)) {
    end_exception();
  } else if (!follow_calls_) {
    return;
  } else if (is_return(before_.last_opcode)) {
    return_to(block.address);
  } else if (is_call(before_.last_opcode) && block.address != before_.end() && frames_.size() < frames_most) {
    frames_.push_back({chain_, before_.end(), false, false});
    chain_ = callee(chain_, symbols_->function_at(block.address));
  }
}

void CallStack::run(const WatchedBlock& block) {
  in_kernel_ = block.address >> 63U != 0;
  const std::uint32_t function = symbols_->function_at(block.address);
  if (exception_taken_) {
    exception_taken_ = false;
    frames_.back().interrupt = is_interrupt_vector(block.address - vectors_);
    if (frames_.back().interrupt) ++interrupts_;
    chain_ = callee(chain_, function);
  } else {
    follow(block);
    // A jump into another function takes the place of the one that it left.
    if (chains_[chain_].function != function || chain_ == 0)
      chain_ = callee(chains_[chain_].parent, function);
  }
  before_ = block;
}

}  // namespace loopgate
