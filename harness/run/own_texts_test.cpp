// Whoever repeats a run has not the files of who measured it.
#include "run/own_texts.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/testing/temp_folder.h"

namespace loopgate::own_texts_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string toml = "title = \"Mine\"\n";

RunRecord run_of(const std::string& path) {
  RunRecord run;
  run.loads = {{{"mine", sha256_of(toml)}, "Mine", toml}};
  run.circumstances.files["loads"]["mine"] = path;
  return run;
}

Result<std::string> text_of(const RunRecord& run, const std::filesystem::path& texts,
                            const std::string& further = {}) {
  return own_text(run, "loads", "mine", run.loads[0], texts, further);
}

TEST(OwnText, IsTheUsersFileWhereItIsAsItWas) {
  const TempFolder folder;
  const auto file = folder.path() / "mine.toml";
  folder.write("mine.toml", toml);
  EXPECT_EQ(text_of(run_of(file), folder.path() / "texts").value(), file);
  RunRecord ours = run_of(file);
  ours.circumstances.files.clear();
  EXPECT_EQ(text_of(ours, folder.path()).value(), "mine");
}

TEST(OwnText, IsWrittenWhereTheFileIsGoneOrAnother) {
  const TempFolder folder;
  const auto file = folder.path() / "mine.toml";
  for (const bool is_there : {false, true}) {
    if (is_there) folder.write("mine.toml", "another");
    const auto written = text_of(run_of(file), folder.path() / "texts");
    ASSERT_TRUE(written) << to_text(written.error());
    EXPECT_EQ(*written, folder.path() / "texts" / "loads" / "mine.toml");
    EXPECT_EQ(read_file(*written).value(), toml);
  }
}

TEST(OwnText, ThatReadsFurtherFilesIsRefusedWithTheirNames) {
  const auto refused = text_of(run_of("/gone/mine.toml"), "/nowhere", "model.onnx (sha256 abc)");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().what,
              AllOf(HasSubstr("/gone/mine.toml"), HasSubstr("model.onnx (sha256 abc)")));
  EXPECT_THAT(text_of(run_of("/gone/mine.toml"), "").error().what, HasSubstr("which is gone"));
}

TEST(OwnText, OfABundleLeadsNowhereElse) {
  const TempFolder folder;
  RunRecord run = run_of("/gone/mine.toml");
  run.circumstances.files["loads"]["../../x"] = "/gone/x.toml";
  EXPECT_EQ(own_text(run, "loads", "../../x", run.loads[0], folder.path() / "a/b").error().kind,
            ErrorKind::data);
  run.loads[0].toml += "more";
  EXPECT_EQ(text_of(run, folder.path()).error().kind, ErrorKind::data);
}

}  // namespace
}  // namespace loopgate::own_texts_test
