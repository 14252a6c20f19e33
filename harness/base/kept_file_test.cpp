#include "base/kept_file.h"

#include <gmock/gmock.h>

#include <vector>

#include "base/digest.h"
#include "base/sealed_json.h"
#include "base/testing/temp_folder.h"
#include "base/testing/variable.h"

namespace loopgate::kept_file_test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class KeptFiles : public ::testing::Test {
 protected:
  std::string found() {
    return sha256_of_kept(file_, [this](const std::string& line) { told_.push_back(line); });
  }

  TempFolder folder_;
  Variable cache_{"LOOPGATE_CACHE", folder_.path("cache").c_str()};
  fs::path file_ = folder_.path() / "initrd" / "one.cpio";
  std::vector<std::string> told_;
};

TEST_F(KeptFiles, AreFoundAsTheyWereMade) {
  EXPECT_EQ(found(), "") << "nothing is there";
  EXPECT_EQ(keep_file(file_, "content").value(), sha256_of("content"));
  EXPECT_EQ(found(), sha256_of("content"));
  EXPECT_THAT(told_, ElementsAre());
}

TEST_F(KeptFiles, AlteredWithTheSameSizeAndTimeAreMadeAnewAndTold) {
  ASSERT_TRUE(keep_file(file_, "content"));
  const auto written = fs::last_write_time(file_);
  folder_.write("initrd/one.cpio", "cOntent");
  fs::last_write_time(file_, written);
  EXPECT_EQ(found(), "");
  EXPECT_THAT(told_, ElementsAre(HasSubstr("one.cpio: is not what was kept there: it is made anew")));
  ASSERT_TRUE(keep_file(file_, "content"));
  EXPECT_EQ(found(), sha256_of("content"));
}

TEST_F(KeptFiles, WithoutAWholeRecordAreMadeAnew) {
  ASSERT_TRUE(keep_file(file_, "content"));
  for (const std::string& record :
       {std::string(), std::string("{}"), "{\"sha256\":\"" + sha256_of("content") + "\"}",
        sealed({{"sha256", 1}}), sealed({{"other", "key"}})}) {
    folder_.write("initrd/one.cpio.json", record);
    EXPECT_EQ(found(), "") << record;
  }
  fs::remove(folder_.path() / "initrd/one.cpio.json");
  EXPECT_EQ(found(), "");
}

TEST_F(KeptFiles, ThatAreGoneAreMadeAnewWithoutAWord) {
  ASSERT_TRUE(keep_file(file_, "content"));
  fs::remove(file_);
  EXPECT_EQ(found(), "");
  EXPECT_THAT(told_, ElementsAre());
}

}  // namespace
}  // namespace loopgate::kept_file_test
