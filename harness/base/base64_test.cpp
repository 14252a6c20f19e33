#include "base/base64.h"

#include <gtest/gtest.h>

namespace loopgate::base64_test {
namespace {

// The RFC's own, section 10.
TEST(Base64, GivesTheRfcsTexts) {
  for (const auto& [bytes, text] : {std::pair{"", ""},
                                    {"f", "Zg=="},
                                    {"fo", "Zm8="},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg=="},
                                    {"fooba", "Zm9vYmE="},
                                    {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64, KeepsEveryByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(from_base64(to_base64(all)), all);
}

TEST(Base64, RefusesWhatItDoesNotMake) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Zh==", "Z", "====", "Zm9v\n", "Zm 9v", "Zm9v=", "Zg==Zg=="})
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
}

}  // namespace
}  // namespace loopgate::base64_test
