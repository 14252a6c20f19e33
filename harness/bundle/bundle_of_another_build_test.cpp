// A bundle that another build packed: what it lacks came later, and what differs accuses nobody.
#include <gmock/gmock.h>

#include <functional>

#include "base/json.h"
#include "bundle/testing/bundle_files.h"
#include "bundle/testing/packed_bundle.h"

namespace loopgate::bundle_of_another_build_test {
namespace {

using ::testing::AllOf;
using testing::Bundle;
using testing::BundleFiles;
using testing::change_verdicts;
using ::testing::ElementsAre;
using testing::files_of;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::resealed;
using testing::write_text;

const LoopgateVersion older{"0", "older"};

TEST_F(Bundle, OfABuildThatWroteFewerKeysVerifiesAndTheyAreNamed) {
  BundleFiles files = files_of(bytes_);
  change_verdicts(&files, [](nlohmann::ordered_json* verdict) { verdict->erase("next_step"); });
  write_text(at("older.lgb"), resealed(files, older));
  const auto verified = verify(at("older.lgb"), scratch(), {"0", "abc"});
  ASSERT_TRUE(verified) << to_text(verified.error());
  EXPECT_THAT(verified->added_since, ElementsAre("verdict.json/next_step"));
  const auto unchanged = verify(bundle(), scratch(), {"1", "abc"});
  ASSERT_TRUE(unchanged) << to_text(unchanged.error());
  EXPECT_TRUE(unchanged->added_since.empty());
  // This build writes them: whoever left them out is no older one.
  EXPECT_THAT(said(resealed(files)), HasSubstr("verdict.json differs at /"));
}

TEST_F(Bundle, OfAnotherBuildWithAnotherValueIsRefusedAndNobodyIsAccused) {
  using Change = std::function<void(nlohmann::ordered_json*)>;
  const std::vector<Change> changes = {[](auto* verdict) { (*verdict)["verdict"] = "FAIL"; },
                                       [](auto* verdict) { (*verdict)["checks"][0]["limit"] = 1; },
                                       [](auto* verdict) { (*verdict)["checks"][0]["seen"] = 1; },
                                       [](auto* verdict) { (*verdict)["checks"].erase(0); },
                                       [](auto* verdict) { (*verdict)["of_a_later_build"] = 1; },
                                       [](auto* verdict) { verdict->erase("verdict"); },
                                       [](auto* verdict) { verdict->erase("checks"); },
                                       [](auto* verdict) { verdict->erase("remarks"); },
                                       [](auto* verdict) { (*verdict)["checks"][0].erase("counted"); },
                                       [](auto* verdict) { (*verdict)["checks"][0].erase("verdict"); },
                                       [](auto* verdict) { (*verdict)["checks"][0].erase("limit"); }};
  for (const Change& change : changes) {
    BundleFiles files = files_of(bytes_);
    change_verdicts(&files, change);
    write_text(at("older.lgb"), resealed(files, older));
    const auto refused = verify(at("older.lgb"), scratch(), {"0", "abc"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::data);
    EXPECT_THAT(refused.error().what,
                AllOf(HasSubstr("verdict.json differs at /"),
                      HasSubstr("packed by loopgate 0 older, and this is loopgate 0 abc")));
    EXPECT_THAT(refused.error().next_step, HasSubstr("verify it with loopgate 0 older"));
    EXPECT_THAT(refused.error().next_step, Not(HasSubstr("trust no figure")));
  }
}

// A reader of text may see the first of two equal keys, and we the second.
TEST_F(Bundle, OfAnotherBuildHasTheOneFormThatLoopgateWrites) {
  for (const char* more : {"\n  \"verdict\": \"FAIL\",", " "}) {
    BundleFiles files = files_of(bytes_);
    for (auto& [path, text] : files)
      if (path == "verdict.json") text.insert(1, more);
    EXPECT_THAT(said(resealed(files, older)), HasSubstr("its text is not as loopgate writes it")) << more;
  }
}

}  // namespace
}  // namespace loopgate::bundle_of_another_build_test
