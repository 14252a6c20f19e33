#include "target/agent/symbols.h"

#include <gmock/gmock.h>

#include <cstring>

#include "base/testing/temp_folder.h"
#include "protocol/channel.h"
#include "target/agent/text_file.h"

namespace loopgate::symbols_test {
namespace {

using ::testing::HasSubstr;

TEST(Symbols, OnlyFunctionsAreHandedIn) {
  EXPECT_EQ(functions_in("ffff800080010000 T _stext\n"
                         "ffff800080020000 d some_data\n"
                         "ffff80007b000000 t hook\t[gpio_pl061]\n"
                         "no-symbol\n"
                         "ffff800080030000 W weak"),
            "ffff800080010000 T _stext\n"
            "ffff80007b000000 t hook\t[gpio_pl061]\n"
            "ffff800080030000 W weak\n");
}

TEST(Symbols, OnlyItsOwnJobAsksForThem) {
  EXPECT_TRUE(asks_for_symbols(symbols_job));
  EXPECT_FALSE(asks_for_symbols("{}"));
}

TEST(Symbols, AreHandedInWholeOrNotAtAll) {
  TempFolder scratch;
  const std::string path = scratch.write("channel", std::string(small_channel.size, '\0'));
  {
    auto channel = ChannelMap::map(path);
    ASSERT_TRUE(channel) << channel.error().what;
    ASSERT_TRUE(channel->write_symbols("a T f\n", "types"));
    const Status refused = channel->write_symbols(std::string(small_channel.size, 'x'), "types");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().what, HasSubstr("symbols"));
  }
  const auto memory = read_text(path);
  ASSERT_TRUE(memory);
  SymbolsHeader header;
  std::memcpy(&header, memory->data() + report_offset, sizeof(header));
  EXPECT_EQ(memory->substr(report_offset + sizeof(header), header.functions_size), "a T f\n");
  EXPECT_EQ(memory->substr(report_offset + sizeof(header) + header.functions_size, header.types_size),
            "types");
}

}  // namespace
}  // namespace loopgate::symbols_test
