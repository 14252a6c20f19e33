// A bundle is packed, handed over and judged again.
#include <gmock/gmock.h>

#include <algorithm>

#include "base/digest.h"
#include "bundle/new_file.h"
#include "bundle/testing/packed_bundle.h"
#include "bundle/ustar.h"

namespace loopgate::bundle_test {
namespace {

namespace fs = std::filesystem;
using testing::Bundle;
using ::testing::HasSubstr;
using testing::read_text;
using testing::write_run;
using testing::write_text;

TEST_F(Bundle, IsJudgedAgainWhereverItIs) {
  const auto verified = verify(bundle(), scratch(), {"0", "abc"});
  ASSERT_TRUE(verified) << to_text(verified.error());
  EXPECT_EQ(verified->judged.verdict.verdict, VerdictKind::pass);
  EXPECT_EQ(verified->unpacked.sha256, sha256_of(bytes_));
  EXPECT_EQ(verified->unpacked.manifest.commit, "abc");
  EXPECT_TRUE(fs::is_empty(scratch()));
}

TEST_F(Bundle, OfOneRunIsAlwaysTheSame) {
  fs::remove(bundle());
  fs::rename(run(), at("elsewhere"));
  PackRequest again = request();
  again.run_dir = at("elsewhere");
  ASSERT_TRUE(pack(again));
  EXPECT_EQ(read_text(bundle()), bytes_);
}

TEST_F(Bundle, KeepsAFail) {
  fs::remove(bundle());
  write_policy(29);
  const auto packed = pack(request());
  ASSERT_TRUE(packed) << to_text(packed.error());
  EXPECT_EQ(packed->verdict.verdict, VerdictKind::fail);
  const auto verified = verify(bundle(), scratch(), {"0", "abc"});
  ASSERT_TRUE(verified) << to_text(verified.error());
  EXPECT_EQ(verified->judged.verdict.verdict, VerdictKind::fail);
}

TEST_F(Bundle, IsNeverWrittenOver) {
  const auto packed = pack(request());
  ASSERT_FALSE(packed);
  EXPECT_EQ(packed.error().kind, ErrorKind::usage);
  EXPECT_EQ(read_text(bundle()), bytes_);
}

// Of two that write the same one at a time, the second finds that it is there.
TEST_F(Bundle, OfTwoWritersEachWritesItsOwnFile) {
  const fs::path path = bundle().string() + ".both";
  auto first = NewFile::create(path);
  auto second = NewFile::create(path);
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(first->write("first, and longer") && second->write("second") && first->finish());
  const Status done = second->finish();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().what, HasSubstr("cannot be named: File exists"));
  EXPECT_EQ(read_text(path), "first, and longer");
}

// The shipped policies have such rules, and a gate without a baseline judges by the others as well.
TEST_F(Bundle, RulesAgainstABaselineJudgeNothing) {
  std::string text = read_text(policy());
  text.insert(text.find("[[budget]]"), "baseline_required = false\n");
  write_text(policy(),
             text + "[[baseline]]\nkernel = \"*\"\nload = \"*\"\nquantity = \"max\"\nmax_ratio = 1.1\n");
  fs::remove(bundle());
  const auto packed = pack(request());
  ASSERT_TRUE(packed) << to_text(packed.error());
  EXPECT_EQ(std::ranges::count(packed->verdict.checks, std::string("baseline"), &Check::rule), 2);
  EXPECT_EQ(said(read_text(bundle())), "verified");
}

TEST_F(Bundle, OfAKernelWithAnyNameIsWhole) {
  run_.cells = {{"explain-it", "mixed", {20'000, 30'000}}};
  fs::remove_all(run());
  write_run(run(), run_);
  fs::remove(bundle());
  ASSERT_TRUE(pack(request()));
  EXPECT_EQ(said(read_text(bundle())), "verified");
}

TEST_F(Bundle, HasNoPlaceForALink) {
  fs::remove(bundle());
  fs::create_symlink("/etc/passwd", run() / "notes");
  const auto packed = pack(request());
  ASSERT_FALSE(packed);
  EXPECT_THAT(packed.error().what, HasSubstr("notes"));
  EXPECT_FALSE(fs::exists(bundle()));
}

TEST(UstarHeader, CutsALongPathAtASlash) {
  const std::string folder(120, 'd');
  EXPECT_EQ(ustar_header(folder + "/name", 1)->substr(0, 5), std::string("name\0", 5));
  EXPECT_FALSE(ustar_header(std::string(101, 'n'), 1));
  EXPECT_FALSE(ustar_header("n", largest_tar_file + 1));
}

}  // namespace
}  // namespace loopgate::bundle_test
