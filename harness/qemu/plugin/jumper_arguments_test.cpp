#include <gmock/gmock.h>

#include "qemu/plugin/jumper.h"

namespace loopgate::jumper_arguments_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ParseJumper, TakesWiresInTheirOrder) {
  const auto settings = parse_jumper({"wire=6:0", "wire=1:2"});
  ASSERT_TRUE(settings);
  EXPECT_THAT(settings->wires, ElementsAre(JumperWire{6, 0}, JumperWire{1, 2}));
  EXPECT_EQ(settings->controller, "pl061");
  EXPECT_EQ(parse_jumper({"controller=other", "wire=0:7"}).value().controller, "other");
}

TEST(ParseJumper, RefusesWhatIsNoWire) {
  for (const char* argument : {"wire", "wire=", "wire=6", "wire=:", "wire=6:", "wire=:0", "wire=6:8",
                               "wire=-1:0", "wire=6:0x", "wire=6:0:1", "wire= 6:0", "wire=3:3", "wire=six:0",
                               "", "=", "wires=6:0", "controller=", "Wire=6:0"}) {
    const auto settings = parse_jumper({argument});
    ASSERT_FALSE(settings) << argument;
    EXPECT_EQ(settings.error().kind, ErrorKind::usage);
    EXPECT_THAT(settings.error().what, HasSubstr(argument));
    EXPECT_THAT(settings.error().next_step, HasSubstr("wire=OUT:IN"));
  }
}

TEST(ParseJumper, TakesAWireThatSticks) {
  const auto settings = parse_jumper({"wire=6:0", "stuck=4:5:120", "stuck=1:2:0"});
  ASSERT_TRUE(settings);
  EXPECT_THAT(settings->wires, ElementsAre(JumperWire{6, 0}, JumperWire{4, 5, 120}, JumperWire{1, 2, 0}));
  for (const char* argument : {"stuck=4:5", "stuck=4:5:", "stuck=4:5:x", "stuck=4:5:-1", "stuck=4:9:1",
                               "stuck=:5:1", "stuck=4:5:1:2", "stuck="})
    EXPECT_FALSE(parse_jumper({argument})) << argument;
  EXPECT_FALSE(parse_jumper({"wire=4:5", "stuck=4:5:1"})) << "one wire in place of the other";
}

TEST(ParseJumper, TakesAWireThatLosesEdges) {
  const auto settings = parse_jumper({"drop=6:0:10000", "wire=1:2"});
  ASSERT_TRUE(settings);
  EXPECT_THAT(settings->wires, ElementsAre(JumperWire{6, 0, {}, 10'000}, JumperWire{1, 2}));
  for (const char* argument : {"drop=6:0", "drop=6:0:0", "drop=6:0:-1", "drop=6:0:x", "drop=6:9:2"})
    EXPECT_FALSE(parse_jumper({argument})) << argument;
}

// QEMU lets an output drive one input: a second wire would take the first one off, unseen.
TEST(ParseJumper, RefusesALineWithTwoWires) {
  EXPECT_FALSE(parse_jumper({"wire=6:0", "wire=6:1"}));
  EXPECT_FALSE(parse_jumper({"wire=6:0", "wire=1:0"}));
  EXPECT_FALSE(parse_jumper({"wire=6:0", "wire=6:0"}));
  EXPECT_TRUE(parse_jumper({"wire=6:0", "wire=0:6"}));
}

TEST(ParseJumper, RefusesAJumperWithoutWires) {
  EXPECT_FALSE(parse_jumper({}));
  EXPECT_FALSE(parse_jumper({"controller=pl061"}));
}

}  // namespace
}  // namespace loopgate::jumper_arguments_test
