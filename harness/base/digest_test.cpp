#include "base/digest.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/testing/temp_folder.h"

namespace loopgate::digest_test {
namespace {

using ::testing::HasSubstr;

// FIPS 180-2, appendix B.
constexpr const char* digest_of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* digest_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* digest_of_a_million_a =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Digest, IsSha256) {
  EXPECT_EQ(sha256_of(""), digest_of_nothing);
  EXPECT_EQ(sha256_of("abc"), digest_of_abc);
}

TEST(Digest, OfAFileIsThatOfItsBytes) {
  const TempFolder folder;
  EXPECT_EQ(sha256_of_file(folder.write("empty", "")).value(), digest_of_nothing);
  EXPECT_EQ(sha256_of_file(folder.write("abc", "abc")).value(), digest_of_abc);
  // More than one chunk, and no whole number of them.
  EXPECT_EQ(sha256_of_file(folder.write("long", std::string(1'000'000, 'a'))).value(), digest_of_a_million_a);
}

// Holes at the beginning, between and at the end, of more than a chunk each and no whole number of pages.
TEST(Digest, OfASparseFileIsThatOfItsBytes) {
  const TempFolder folder;
  const auto file = folder.write("sparse", "");
  std::ofstream stream(file, std::ios::binary);
  std::string bytes(3'000'001, '\0');
  for (const std::size_t at : {700'000U, 1'900'000U}) {
    bytes.replace(at, 5, "bytes");
    stream.seekp(static_cast<std::streamoff>(at)).write("bytes", 5);
  }
  stream.close();
  std::filesystem::resize_file(file, bytes.size());
  EXPECT_EQ(sha256_of_file(file).value(), sha256_of(bytes));
  std::filesystem::resize_file(file, 100'000);
  EXPECT_EQ(sha256_of_file(file).value(), sha256_of(std::string(100'000, '\0')));
}

// Their size is 0 as far as Linux says.
TEST(Digest, OfAFileOfProcIsThatOfWhatCanBeRead) {
  const auto digest = sha256_of_file("/proc/self/status");
  ASSERT_TRUE(digest);
  EXPECT_NE(*digest, digest_of_nothing);
}

TEST(Digest, OfAMissingFileIsAnErrorThatNamesIt) {
  const TempFolder folder;
  for (const auto& path : {folder.path() / "absent", folder.path()}) {
    const auto digest = sha256_of_file(path);
    ASSERT_FALSE(digest) << path;
    EXPECT_EQ(digest.error().kind, ErrorKind::infrastructure);
    EXPECT_THAT(digest.error().what, HasSubstr(path.string() + ": cannot be read"));
  }
  EXPECT_THAT(sha256_of_file(folder.path() / "absent").error().what, HasSubstr("No such file"));
  EXPECT_THAT(sha256_of_file(folder.path()).error().what, HasSubstr("Is a directory"));
}

}  // namespace
}  // namespace loopgate::digest_test
