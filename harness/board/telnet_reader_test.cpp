#include "board/telnet_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace loopgate {
namespace {

using std::string_literals::operator""s;

TEST(TelnetReader, KeepsWhatTheConsoleSays) {
  TelnetReader reader;
  const auto heard = reader.take("[    0.000000] Booting Linux\r\nKernel panic\n");
  EXPECT_EQ(heard.text, "[    0.000000] Booting Linux\r\nKernel panic\n");
  EXPECT_EQ(heard.answer, "");
}

// What ser2net 4.3.11 sends to who connects: will and do suppress go-aheads (3), will echo (1) and wants no
// echo, do and will binary data (0), do control the port (44).
TEST(TelnetReader, AnswersWhatSer2netAsks) {
  TelnetReader reader;
  const auto heard = reader.take(
      "\xff\xfb\x03\xff\xfd\x03\xff\xfb\x01\xff\xfe\x01\xff\xfd\x00\xff\xfb\x00\xff\xfd\x2c"s + "login: ");
  EXPECT_EQ(heard.text, "login: ");
  EXPECT_EQ(heard.answer, "\xff\xfd\x03\xff\xfb\x03\xff\xfd\x01\xff\xfc\x00\xff\xfd\x00\xff\xfc\x2c"s);
}

TEST(TelnetReader, AnswersEachQuestionOnce) {
  TelnetReader reader;
  EXPECT_NE(reader.take("\xff\xfb\x03"s).answer, "");
  EXPECT_EQ(reader.take("\xff\xfb\x03\xff\xfb\x03"s).answer, "") << "or two sides talk for ever";
  EXPECT_EQ(reader.take("\xff\xfc\x03"s).answer, "\xff\xfe\x03"s);
  EXPECT_EQ(reader.take("\xff\xfc\x03\xff\xfc\x03"s).answer, "");
  EXPECT_EQ(reader.take("\xff\xfe\x2c"s).answer, "") << "what was never agreed to is not ended";
}

TEST(TelnetReader, AByteOf255IsDoubledOnTheWay) {
  EXPECT_EQ(TelnetReader().take("a\xff\xff"s + "b").text, "a\xff"s + "b");
}

TEST(TelnetReader, ALoneCarriageReturnIsPaddedOnTheWay) {
  EXPECT_EQ(TelnetReader().take("10 %\r\0"s + "20 %\r\n").text, "10 %\r20 %\r\n");
  TelnetReader binary;
  EXPECT_EQ(binary.take("\xff\xfb\x00\r\0x"s).text, "\r\0x"s) << "binary data are as they are";
}

TEST(TelnetReader, SettingsOfThePortAreNotConsoleText) {
  // COM-PORT: the server tells the line's state and speed, with a doubled 255 within.
  const auto heard = TelnetReader().take("a\xff\xfa\x2c\x6a\xff\xff\x01\xff\xf0"s + "b\xff\xf1" + "c");
  EXPECT_EQ(heard.text, "abc");
  EXPECT_EQ(heard.answer, "");
}

TEST(TelnetReader, ReadsTheSameHoweverItIsCut) {
  const std::string whole =
      "one\r\0two\xff\xff\xff\xfb\x03\xff\xfa\x2c\x01\xff\xff\xff\xf0three\xff\xfd\x2c\r\n"s;
  const auto at_once = TelnetReader().take(whole);
  TelnetReader cut;
  TelnetReader::Heard pieces;
  for (const char byte : whole) {
    const auto heard = cut.take({&byte, 1});
    pieces.text += heard.text;
    pieces.answer += heard.answer;
  }
  EXPECT_EQ(pieces.text, at_once.text);
  EXPECT_EQ(pieces.answer, at_once.answer);
  EXPECT_EQ(at_once.text, "one\rtwo\xffthree\r\n");
}

}  // namespace
}  // namespace loopgate
