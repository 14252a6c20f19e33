#include "base/sealed_json.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "base/testing/temp_folder.h"

namespace loopgate::sealed_json_test {
namespace {

using nlohmann::json;

const json object = {{"size", 11}, {"sha256", "abc"}, {"of", {{"name", "state.bin"}}}};

TEST(SealedJson, IsReadAsItWasWritten) {
  const auto read = unsealed(sealed(object));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, object);
  EXPECT_EQ(sealed(object).back(), '\n');
}

TEST(SealedJson, WithAnyByteAlteredIsNone) {
  const std::string text = sealed(object);
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {  // but for the newline
    std::string altered = text;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    const auto read = unsealed(altered);
    EXPECT_FALSE(read && *read != object) << altered;
  }
}

TEST(SealedJson, CutOffOrWithoutItsSealIsNone) {
  const std::string text = sealed(object);
  for (std::size_t size = 0; size + 1 < text.size(); ++size)
    EXPECT_FALSE(unsealed(text.substr(0, size))) << size;
  for (const char* other : {"", "[]", "{}", "null", R"({"seal":1})", R"({"seal":""})", "\xff\xfe"})
    EXPECT_FALSE(unsealed(other)) << other;
  EXPECT_FALSE(unsealed(object.dump()));
  EXPECT_FALSE(unsealed(text + text));
}

TEST(SealedJson, OfAFileIsReadUnlessItIsLargerThanAnyRecord) {
  const TempFolder folder;
  EXPECT_EQ(read_sealed(folder.write("record", sealed(object))), object);
  EXPECT_FALSE(read_sealed(folder.path() / "absent"));
  EXPECT_FALSE(read_sealed(folder.path()));
  EXPECT_FALSE(read_sealed(folder.write("large", sealed({{"text", std::string(2 << 20, 'x')}}))));
}

}  // namespace
}  // namespace loopgate::sealed_json_test
