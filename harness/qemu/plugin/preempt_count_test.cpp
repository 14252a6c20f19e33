#include "qemu/plugin/preempt_count.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

namespace loopgate::preempt_count_test {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t lock = 0xffff'ffff'8200'7000;
constexpr std::uint64_t softirqs = 0xffff'ffff'8100'7000;
constexpr std::uint64_t per_cpu = 0xffff'8880'1f60'0000;

class PreemptCountTest : public ::testing::Test {
 protected:
  PreemptCount amd64() {
    SectionSettings settings;
    settings.counting = {lock, softirqs};
    return {**arch_ops("amd64"), settings, [this](std::uint64_t address, void* out, std::size_t size) {
              const auto found = code_.find(address);
              if (found == code_.end()) return false;
              Bytes bytes = found->second;
              bytes.resize(size, 0xcc);
              std::memcpy(out, bytes.data(), size);
              return true;
            }};
  }
  static bool may_store(PreemptCount* count, const Bytes& bytes) { return count->may_store(lock, bytes); }

  std::map<std::uint64_t, Bytes> code_;
};

TEST_F(PreemptCountTest, TheKernelsLockSaysWhereItIs) {
  // endbr64, what ftrace calls, incl %gs:0x42000
  code_[lock] = {0xf3, 0x0f, 0x1e, 0xfa, 0x0f, 0x1f, 0x44, 0, 0, 0x65, 0xff, 0x05, 0xf0, 0xaf, 0x03, 0x7e};
  PreemptCount count = amd64();
  EXPECT_TRUE(count.is_known());
  EXPECT_EQ(count.address_of(0x1234, per_cpu), per_cpu + 0x42000);
  EXPECT_TRUE(may_store(&count, {0x65, 0xff, 0x0d, 0xf9, 0xaf, 0x03, 0x7e})) << "decl, by another way";
  EXPECT_FALSE(may_store(&count, {0x65, 0xff, 0x0d, 0xfd, 0xaf, 0x03, 0x7e})) << "4 bytes behind it";
  EXPECT_FALSE(may_store(&count, {0xff, 0x0d, 0xfa, 0xaf, 0x03, 0x7e}));
}

TEST_F(PreemptCountTest, WhereLocksDoNotCountSoftirqsDo) {
  code_[lock] = {0xf0, 0x0f, 0xb1, 0x17, 0x75, 0x05, 0xc3};                  // lock cmpxchg %edx,(%rdi)
  code_[softirqs] = {0x65, 0x01, 0x34, 0x25, 0x08, 0x20, 0x04, 0x00, 0xc3};  // addl %esi,%gs:0x42008
  EXPECT_EQ(amd64().address_of(0, per_cpu), per_cpu + 0x42008);
}

TEST_F(PreemptCountTest, AnotherOperationTellsNothing) {
  code_[lock] = {0x65, 0xff, 0x0d, 0xf9, 0xaf, 0x03, 0x7e,
                 0x65, 0x8b, 0x05, 0xf2, 0xaf, 0x03, 0x7e};  // decl, mov
  PreemptCount count = amd64();
  EXPECT_FALSE(count.is_known());
  EXPECT_EQ(count.address_of(0, per_cpu), 0U);
  EXPECT_FALSE(may_store(&count, {0x65, 0xff, 0x0d, 0xf9, 0xaf, 0x03, 0x7e}));
}

TEST_F(PreemptCountTest, OnArm64ItIsTheTasks) {
  SectionSettings settings;
  settings.preempt_count = 8;
  PreemptCount count(**arch_ops("arm64"), settings, {});
  EXPECT_TRUE(count.is_known());
  EXPECT_EQ(count.address_of(0xffff'0000'0000'1000, 0), 0xffff'0000'0000'1008);
  EXPECT_TRUE(count.may_store(0, Bytes{0x01, 0x08, 0x00, 0xb9})) << "str w1, [x0, #8]";
  EXPECT_FALSE(count.may_store(0, Bytes{0x01, 0x10, 0x00, 0xb9}));
}

}  // namespace
}  // namespace loopgate::preempt_count_test
