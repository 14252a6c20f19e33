#include "base/digest_cache.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/digest.h"
#include "base/json.h"
#include "base/sealed_json.h"
#include "base/testing/temp_folder.h"

namespace loopgate::digest_cache_test {
namespace {

namespace fs = std::filesystem;

class DigestCache : public ::testing::Test {
 protected:
  DigestCache() { ::setenv("LOOPGATE_CACHE", (folder_.path() / "cache").c_str(), 1); }
  ~DigestCache() override { ::unsetenv("LOOPGATE_CACHE"); }
  std::vector<fs::path> kept() const {
    std::vector<fs::path> files;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder_.path() / "cache/digests", none))
      files.push_back(entry.path());
    return files;
  }
  static void settle() { std::this_thread::sleep_for(std::chrono::seconds(3)); }

  TempFolder folder_;
};

TEST_F(DigestCache, RemembersAFileThatIsSettledUntilItChanges) {
  const fs::path file = folder_.write("file", "one");
  EXPECT_EQ(cached_sha256_of_file(file).value(), sha256_of("one"));
  EXPECT_TRUE(kept().empty()) << "it may be written again within one tick";
  settle();
  EXPECT_EQ(cached_sha256_of_file(file).value(), sha256_of("one"));
  ASSERT_EQ(kept().size(), 1U);
  const std::string key = kept().front().filename().string();
  folder_.write("cache/digests/" + key, sealed({{"of", key}, {"sha256", "remembered"}}));
  EXPECT_EQ(cached_sha256_of_file(file).value(), "remembered") << "it was not read again";
  folder_.write("file", "two");
  EXPECT_EQ(cached_sha256_of_file(file).value(), sha256_of("two"));
}

TEST_F(DigestCache, ADamagedEntryIsNotBelieved) {
  const fs::path file = folder_.write("file", "one");
  settle();
  ASSERT_TRUE(cached_sha256_of_file(file));
  ASSERT_EQ(kept().size(), 1U);
  const std::string key = kept().front().filename().string();
  const std::string whole = text_of_file(kept().front());
  std::string altered = whole;
  altered[altered.find(sha256_of("one")) + 5] ^= 1;
  for (const std::string& damaged :
       {std::string(), whole.substr(0, whole.size() / 2), altered, std::string(64, 'f'),
        sealed({{"of", key}}), sealed({{"of", "another file"}, {"sha256", "x"}}),
        sealed({{"of", key}, {"sha256", 1}})}) {
    folder_.write("cache/digests/" + key, damaged);
    EXPECT_EQ(cached_sha256_of_file(file).value(), sha256_of("one")) << damaged;
  }
}

TEST_F(DigestCache, AByteThatIsFlippedWithSizeAndTimeKeptIsSeen) {
  const fs::path file = folder_.write("file", "one");
  const auto written = fs::last_write_time(file);
  settle();
  ASSERT_TRUE(cached_sha256_of_file(file));
  ASSERT_EQ(kept().size(), 1U);
  folder_.write("file", "oNe");
  fs::last_write_time(file, written);
  EXPECT_EQ(cached_sha256_of_file(file).value(), sha256_of("oNe"));
}

TEST_F(DigestCache, AFileThatIsNotThereIsAnError) {
  EXPECT_FALSE(cached_sha256_of_file(folder_.path() / "absent"));
  EXPECT_FALSE(cached_sha256_of_file(folder_.path()));
}

}  // namespace
}  // namespace loopgate::digest_cache_test
