#include "run/asked_for.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "base/testing/temp_folder.h"

namespace loopgate::asked_for_test {
namespace {

using ::testing::HasSubstr;

std::vector<AskedFor> rows() {
  return {{"kernel", "argument", "threadirqs", AskedState::in_effect, "3 irq threads"},
          {"kernel", "argument", "quiet", AskedState::known, ""},
          {"suite", "payload's option", "--chip gpio", AskedState::not_told, ""},
          {"kernel", "argument", "preempt=full", AskedState::unknown, "it hands it on"},
          {"board", "CPUs", "4 online", AskedState::not_in_effect, "2"}};
}

class AskedForFile : public ::testing::Test {
 protected:
  Result<std::vector<AskedFor>> read(const std::string& text) {
    write(folder_.path() / "evidence.json", text);
    return read_asked_for(folder_.path());
  }
  std::string refusal(const std::string& text) {
    const auto read_back = read(text);
    return read_back ? "accepted" : read_back.error().what;
  }
  static void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }
  TempFolder folder_;
};

TEST_F(AskedForFile, IsReadAsItWasWritten) {
  const auto read_back =
      read(nlohmann::json{{"format", evidence_format}, {"asked_for", to_json(rows())}}.dump());
  ASSERT_TRUE(read_back) << read_back.error().what;
  EXPECT_EQ(*read_back, rows());
}

TEST_F(AskedForFile, IsRefusedWhereItSaysNothingThatIsUnderstood) {
  EXPECT_THAT(refusal(""), HasSubstr("evidence.json"));
  EXPECT_THAT(refusal("{\"format\": 1}"), HasSubstr("format"));
  EXPECT_THAT(refusal("{\"format\": 2}"), HasSubstr("asked_for"));
  EXPECT_THAT(refusal("{\"format\": 2, \"asked_for\": [{}]}"), HasSubstr("asked_for[0].by"));
  EXPECT_THAT(refusal(R"({"format": 2, "asked_for": [{"by": "kernel", "kind": "argument", "asked": "quiet",
                          "became": "fine", "read_back": ""}]})"),
              HasSubstr("became"));
  std::filesystem::remove(folder_.path() / "evidence.json");
  EXPECT_FALSE(read_asked_for(folder_.path()));
}

TEST(AskedFor, HasWhatDidNothingFirst) {
  std::vector<AskedFor> sorted = rows();
  std::ranges::reverse(sorted);
  EXPECT_EQ(worst_first(rows()), sorted);
  EXPECT_TRUE(did_nothing(AskedState::unknown));
  EXPECT_TRUE(did_nothing(AskedState::not_in_effect));
  EXPECT_FALSE(did_nothing(AskedState::not_told));
}

}  // namespace
}  // namespace loopgate::asked_for_test
