#include "qemu/plugin/baytrail_gpio.h"

#include <gmock/gmock.h>

namespace loopgate::baytrail_gpio_test {
namespace {

using ::testing::ElementsAre;

// Registers of the lines 0, 1, 2 and 6, as Linux's driver reaches them.
constexpr std::uint64_t pad_0 = 85 * 16, pad_1 = 89 * 16, pad_2 = 93 * 16, pad_6 = 98 * 16;
constexpr std::uint64_t value = 8, status = 0x800;
constexpr std::uint32_t as_input = 2, low = 0, high = 1;
constexpr std::uint32_t rising = 1U << 25U, falling = 1U << 26U, on_level = 1U << 24U;

class Baytrail : public ::testing::Test {
 protected:
  // Two jumpers: from line 6 to 0, and from 1 to 2.
  Baytrail() {
    gpio_.connect_output(6, [this](bool level) { gpio_.set_input(0, level); });
    gpio_.connect_output(1, [this](bool level) { gpio_.set_input(2, level); });
  }
  std::vector<bool> heard_;
  BaytrailGpio::Registers registers_;
  BaytrailGpio gpio_{[this](bool raised) { heard_.push_back(raised); }, &registers_};
};

TEST_F(Baytrail, LinesAreInputsAtFirst) {
  for (const std::uint64_t pad : {pad_0, pad_1, pad_2, pad_6}) EXPECT_EQ(gpio_.read(pad + value), as_input);
  EXPECT_EQ(gpio_.read(status), 0U);
}

TEST_F(Baytrail, AWireCarriesTheLevelOfAnOutput) {
  gpio_.write(pad_6 + value, high);
  EXPECT_EQ(gpio_.read(pad_6 + value), high);
  EXPECT_EQ(gpio_.read(pad_0 + value), as_input | 1U);
  EXPECT_EQ(gpio_.read(pad_2 + value), as_input) << "the other wire's";
  gpio_.write(pad_6 + value, low);
  EXPECT_EQ(gpio_.read(pad_0 + value), as_input);
  gpio_.write(pad_6 + value, as_input | 1U);
  EXPECT_EQ(gpio_.read(pad_0 + value), as_input) << "an output that is off drives nothing";
  gpio_.write(pad_0 + value, high);
  EXPECT_EQ(gpio_.read(pad_6 + value), as_input) << "a wire has a direction";
  EXPECT_THAT(heard_, ElementsAre());
}

TEST_F(Baytrail, TheEdgeAskedForRaisesTheInterruptUntilItIsCleared) {
  gpio_.write(pad_0, rising);
  gpio_.write(pad_6 + value, high);
  EXPECT_EQ(gpio_.read(status), 1U);
  EXPECT_THAT(heard_, ElementsAre(true));
  gpio_.write(pad_6 + value, high);
  gpio_.write(status, 2);
  EXPECT_EQ(gpio_.read(status), 1U) << "another line's bit";
  gpio_.write(status, 1);
  EXPECT_THAT(heard_, ElementsAre(true, false));
  gpio_.write(pad_6 + value, low);
  EXPECT_THAT(heard_, ElementsAre(true, false)) << "a falling edge was not asked for";
  gpio_.write(pad_6 + value, high);
  EXPECT_THAT(heard_, ElementsAre(true, false, true));
}

TEST_F(Baytrail, TwoLinesShareTheInterrupt) {
  gpio_.write(pad_0, rising);
  gpio_.write(pad_2, rising | falling);
  gpio_.write(pad_6 + value, high);
  gpio_.write(pad_1 + value, high);
  EXPECT_EQ(gpio_.read(status), 0b101U);
  gpio_.write(status, 1);
  EXPECT_THAT(heard_, ElementsAre(true)) << "the other line still has its edge";
  gpio_.write(status, 4);
  gpio_.write(pad_1 + value, low);
  EXPECT_THAT(heard_, ElementsAre(true, false, true));
}

TEST_F(Baytrail, ALineThatIsMaskedOrWatchedForALevelIsQuiet) {
  gpio_.write(pad_0, 0);
  gpio_.write(pad_6 + value, high);
  gpio_.write(pad_6 + value, low);
  gpio_.write(pad_0, rising | on_level);
  gpio_.write(pad_6 + value, high);
  EXPECT_EQ(gpio_.read(status), 0U);
  EXPECT_THAT(heard_, ElementsAre());
}

TEST_F(Baytrail, WhatIsNoRegisterReadsAsZero) {
  for (const std::uint64_t offset : {pad_0 + 4, pad_0 + 12, std::uint64_t{0x810}, std::uint64_t{0xffc}}) {
    gpio_.write(offset, 0xffffffff);
    EXPECT_EQ(gpio_.read(offset), 0U) << offset;
  }
  EXPECT_THAT(heard_, ElementsAre());
}

}  // namespace
}  // namespace loopgate::baytrail_gpio_test
