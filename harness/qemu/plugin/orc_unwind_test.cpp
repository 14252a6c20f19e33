#include "qemu/plugin/orc_unwind.h"

#include <gmock/gmock.h>

#include <cstring>
#include <map>

namespace loopgate::orc_unwind_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Base = OrcEntry::Base;
using Type = OrcEntry::Type;

constexpr std::uint64_t text = 0xffffffff81000000;
constexpr std::uint64_t data = text + 0x2000000;
constexpr std::uint64_t init_text = data + 0x2000000;
constexpr std::uint64_t stack = 0xffffc90000010000;
constexpr std::uint64_t user = 0x400123;
constexpr std::uint64_t kernel_code = 0x10;
constexpr std::uint64_t user_code = 0x33;
constexpr std::uint64_t function_size = 0x100;

// A kernel whose functions lie 0x100 apart; the first ones are described by a test, and behind them are more
// than a table can do without.
class MadeUpKernel {
 public:
  MadeUpKernel() : stack_(0x1000) {}

  // What holds from a function's begin on.
  MadeUpKernel& function(Type type, Base sp, std::int16_t sp_offset, Base bp = Base::undefined,
                         std::int16_t bp_offset = 0) {
    entries_.push_back({sp_offset, bp_offset, sp, bp, type, false});
    return *this;
  }
  MadeUpKernel& word(std::uint64_t address, std::uint64_t value) {
    std::memcpy(stack_.data() + (address - stack), &value, sizeof(value));
    return *this;
  }
  // Whatever stands before and behind the table.
  MadeUpKernel& with_table(std::size_t functions = 12'000) {
    entries_.resize(functions, {8, 0, Base::sp, Base::undefined, Type::call, false});
    memory_.assign(0x2345 * 4, 0x5a);
    const std::size_t begin = memory_.size();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const std::uint64_t at = data + begin + 4 * i;
      const std::uint64_t first = i + 100 < entries_.size() ? text : init_text;
      append(static_cast<std::int32_t>(static_cast<std::int64_t>(first + function_size * i - at)));
    }
    for (const OrcEntry& entry : entries_) {
      append(entry.sp_offset);
      append(entry.bp_offset);
      append(static_cast<std::uint8_t>(static_cast<unsigned>(entry.sp_base) |
                                       static_cast<unsigned>(entry.bp_base) << 4U));
      append(static_cast<std::uint8_t>(entry.type));
    }
    memory_.resize((memory_.size() / 4096 + 1) * 4096, 0xff);
    return *this;
  }

  ReadGuest reader() const {
    return [this](std::uint64_t address, void* out, std::size_t size) {
      return take(text_, text, address, out, size) || take(memory_, data, address, out, size) ||
             take(stack_, stack, address, out, size);
    };
  }
  std::vector<std::uint64_t> chain(const UnwindPoint& from, std::size_t at_most = 64) const {
    const auto table = OrcTable::find(text, reader());
    EXPECT_TRUE(table);
    return table ? unwound(*table, reader(), from, at_most) : std::vector<std::uint64_t>();
  }
  std::vector<std::uint8_t>* memory() { return &memory_; }

 private:
  template <class Value>
  void append(Value value) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
    memory_.insert(memory_.end(), bytes, bytes + sizeof(value));
  }
  static bool take(const std::vector<std::uint8_t>& from, std::uint64_t begin, std::uint64_t address,
                   void* out, std::size_t size) {
    if (address < begin || address - begin + size > from.size()) return false;
    std::memcpy(out, from.data() + (address - begin), size);
    return true;
  }

  std::vector<std::uint8_t> text_ = std::vector<std::uint8_t>(0x4000, 0x90);
  std::vector<std::uint8_t> memory_;
  std::vector<std::uint8_t> stack_;
  std::vector<OrcEntry> entries_;
};

constexpr std::uint64_t in(unsigned function) { return text + function_size * function + 0x20; }

TEST(OrcTable, IsFoundBehindWhateverStandsBeforeIt) {
  MadeUpKernel kernel;
  kernel.function(Type::end_of_stack, Base::undefined, 0).function(Type::call, Base::bp, 16).with_table();
  const auto table = OrcTable::find(text, kernel.reader());
  ASSERT_TRUE(table);
  EXPECT_EQ(table->at(text)->type, Type::end_of_stack);
  EXPECT_EQ(table->at(in(1))->sp_base, Base::bp);
  EXPECT_EQ(table->at(in(1))->sp_offset, 16);
  EXPECT_EQ(table->at(in(2))->sp_base, Base::sp);
  EXPECT_FALSE(table->at(text - 1));
  EXPECT_TRUE(table->at(init_text + function_size * 11'999));
  EXPECT_FALSE(table->at(init_text + function_size * 12'000)) << "a module's code";
}

TEST(OrcTable, WhatOnlyLooksLikeOneIsNone) {
  MadeUpKernel few;
  few.with_table(9'000);
  EXPECT_FALSE(OrcTable::find(text, few.reader())) << "too short";
  MadeUpKernel cut;
  cut.with_table();
  cut.memory()->resize(0x2345 * 4 + 12'000 * 4 + 100);
  EXPECT_FALSE(OrcTable::find(text, cut.reader())) << "its descriptions are cut off";
  MadeUpKernel wrong;
  wrong.with_table();
  (*wrong.memory())[0x2345 * 4 + 12'000 * 4 + 6 * 7'000 + 5] = 7;
  EXPECT_FALSE(OrcTable::find(text, wrong.reader())) << "a description that no kernel has";
  MadeUpKernel none;
  EXPECT_FALSE(OrcTable::find(text, none.reader()));
}

TEST(OrcUnwind, FollowsCallsByTheStackPointerAndByASavedRegister) {
  MadeUpKernel kernel;
  kernel
      .function(Type::end_of_stack, Base::undefined, 0)            // 0: where a task begins
      .function(Type::call, Base::sp, 24)                          // 1: two words of its own
      .function(Type::call, Base::bp, 16, Base::previous_sp, -16)  // 2: a frame pointer
      .with_table();
  // 3 (as all others: nothing of its own) was called by 2, by 1, by 0.
  kernel.word(stack, in(2)).word(stack + 0x40, stack + 0x200).word(stack + 0x48, in(1));
  kernel.word(stack + 0x60, in(0));
  EXPECT_THAT(kernel.chain({in(3), stack, stack + 0x40, false}), ElementsAre(in(2), in(1), in(0)));
}

TEST(OrcUnwind, AReturnAddressIsOfTheCallBeforeIt) {
  MadeUpKernel kernel;
  kernel.function(Type::end_of_stack, Base::undefined, 0).function(Type::call, Base::sp, 16).with_table();
  // Function 1 ended with the call: it returns to where function 2 begins.
  kernel.word(stack, text + 2 * function_size).word(stack + 0x10, in(0));
  EXPECT_THAT(kernel.chain({in(3), stack, 0, false}), ElementsAre(text + 2 * function_size, in(0)));
}

TEST(OrcUnwind, GoesThroughWhatWasInterrupted) {
  MadeUpKernel kernel;
  kernel.function(Type::end_of_stack, Base::undefined, 0)
      .function(Type::registers, Base::sp, 0)        // 1: all registers are saved
      .function(Type::interrupt_frame, Base::sp, 8)  // 2: what the CPU pushed, behind an error code
      .function(Type::call, Base::bp, 16, Base::previous_sp, -16)
      .with_table();
  // 1 interrupted 2, which had just interrupted 3, which has a frame pointer.
  kernel.word(stack + 32, stack + 0x400);
  kernel.word(stack + 128, in(2)).word(stack + 136, kernel_code).word(stack + 152, stack + 0x200);
  kernel.word(stack + 0x208, in(3)).word(stack + 0x210, kernel_code).word(stack + 0x220, stack + 0x300);
  kernel.word(stack + 0x400, 0).word(stack + 0x408, in(0));
  EXPECT_THAT(kernel.chain({in(1), stack, 77, false}), ElementsAre(in(2), in(3), in(0)));
}

TEST(OrcUnwind, ChangesToAnotherStack) {
  MadeUpKernel kernel;
  kernel.function(Type::end_of_stack, Base::undefined, 0)
      .function(Type::call, Base::sp_indirect, 8)   // the first word is where the other stack goes on
      .function(Type::call, Base::bp_indirect, -8)  // the same, behind a register
      .with_table();
  kernel.word(stack, stack + 0x200).word(stack + 0x200, in(2));
  kernel.word(stack + 0x2f8, stack + 0x400).word(stack + 0x3f8, in(0));
  EXPECT_THAT(kernel.chain({in(1), stack, stack + 0x300, false}), ElementsAre(in(2), in(0)));
}

TEST(OrcUnwind, EndsWhereItCannotTell) {
  MadeUpKernel kernel;
  kernel.function(Type::undefined, Base::sp, 8)
      .function(Type::call, Base::r10, 0)
      .function(Type::registers, Base::sp, 0)
      .with_table();
  EXPECT_THAT(kernel.chain({in(0), stack, 0, false}), IsEmpty()) << "the tables do not know";
  EXPECT_THAT(kernel.chain({in(1), stack, 0, false}), IsEmpty()) << "a register that nobody saved";
  EXPECT_THAT(kernel.chain({in(5), stack + 0x2000, 0, false}), IsEmpty()) << "no such stack";
  EXPECT_THAT(kernel.chain({text - 0x1000, stack, 0, false}), IsEmpty()) << "no such code";
  kernel.word(stack + 128, user).word(stack + 136, user_code);
  EXPECT_THAT(kernel.chain({in(2), stack, 0, false}), IsEmpty()) << "user space was interrupted";
  for (std::uint64_t at = 0; at < 0x1000; at += 8) kernel.word(stack + at, in(5));
  EXPECT_EQ(kernel.chain({in(5), stack, 0, false}, 10).size(), 10U) << "a stack that never ends";
}

}  // namespace
}  // namespace loopgate::orc_unwind_test
