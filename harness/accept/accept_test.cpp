// An acceptance of made-up runs is packed, handed over and computed again: verdicts, deviations, what comes
// after it and what is written beside it.
#include <gmock/gmock.h>

#include "accept/in_toto.h"
#include "accept/open.h"
#include "accept/testing/accepted.h"
#include "base/digest.h"
#include "base/json.h"
#include "run/replay.h"

namespace loopgate::accept_test {
namespace {

namespace fs = std::filesystem;
using testing::Accepted;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::nonce;
using testing::plan_text;
using testing::read_text;

TEST_F(Accepted, IsComputedAgainWhereverItIs) {
  const auto done = verified(bytes_);
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_EQ(done->document["verdict"], "PASS");
  EXPECT_EQ(done->document["title"], "Acceptance of the made-up bench");
  EXPECT_EQ(done->document["told"]["customer"], "Acme <b>");
  EXPECT_EQ(done->document["runs"].size(), 2U);
  EXPECT_EQ(done->document["runs"][0]["seed"], run_.seed);
  EXPECT_EQ(done->document["kernels"].size(), 4U);
  EXPECT_EQ(done->releases.size(), 2U);
  EXPECT_TRUE(is_acceptance(done->unpacked.manifest));
}

TEST_F(Accepted, OneFailMakesTheWholeFail) {
  fs::remove(bundle());
  write_one("again", 29);
  const auto finished = finish();
  ASSERT_TRUE(finished) << to_text(finished.error());
  EXPECT_EQ(finished->document["verdict"], "FAIL");
  EXPECT_EQ(finished->document["runs"][0]["verdict"], "PASS");
  EXPECT_EQ(said(read_text(bundle())), "verified");
}

// A kernel that failed in one run stands before what the bench broke in another.
TEST_F(Accepted, AKernelThatFailedIsNoBenchsFault) {
  std::vector<AcceptedRun> runs(2);
  runs[0].judged.verdict.verdict = VerdictKind::invalid;
  runs[1].judged.verdict.verdict = VerdictKind::fail;
  EXPECT_EQ(verdict_of(runs), VerdictKind::invalid);
  runs[1].judged.verdict.groups = {{"rt", "mixed", VerdictKind::fail, true}};
  EXPECT_EQ(verdict_of(runs), VerdictKind::fail);
  EXPECT_EQ(verdict_of({runs[1], runs[0]}), VerdictKind::fail);
}

TEST_F(Accepted, IsGoneOnWithByTheLineThatBeganIt) {
  AskedAcceptance asked{record_, *parse_acceptance_plan(plan_text, "plan.toml"), {"a", "b"}};
  const std::vector<std::string> policies{sha256_of("a"), sha256_of("b")};
  const auto refused = [&] {
    const Status same = check_same("out", record_, policies, asked);
    return same ? std::string() : same.error().what;
  };
  EXPECT_EQ(refused(), "");
  asked.policies[1] = "c";
  EXPECT_THAT(refused(), HasSubstr("another policy release.toml: \"sha256 " + sha256_of("b") +
                                   "\", and now it is \"sha256 " + sha256_of("c")));
  asked.record.nonce = "another-nonce";
  EXPECT_THAT(refused(), HasSubstr("another --nonce: \"6f1c6f1c6f1c\", and now it is \"another-nonce\""));
  asked.record.told.serial = "7";
  EXPECT_THAT(refused(), HasSubstr("another --serial: \"\", and now it is \"7\""));
  asked.record.told.customer = "another";
  EXPECT_THAT(refused(), HasSubstr("another --customer: \"Acme <b>\", and now it is \"another\""));
  asked.record.plan_toml += "#";
  EXPECT_THAT(refused(), HasSubstr("another plan file: \"plan.toml of sha256 "));
}

// An attempt that ended by itself was not cut off.
TEST_F(Accepted, AnAttemptThatEndedSaysWhen) {
  fs::remove(bundle());
  record_.attempts = {{"2026-01-31T11:59:00Z"}};
  ASSERT_TRUE(end_attempt(out(), &record_));
  record_.attempts.push_back({"2026-01-31T12:30:00Z"});
  const auto finished = finish();
  ASSERT_TRUE(finished) << to_text(finished.error());
  EXPECT_THAT(finished->document["deviations"].get<std::vector<std::string>>(),
              Contains(AllOf(HasSubstr("Attempt 1, begun 2026-01-31T11:59:00Z, ended 2"),
                             HasSubstr("without a bundle"))));
}

TEST_F(Accepted, WithoutANonceSaysSo) {
  fs::remove_all(out());
  run_.seed = seed_without_nonce;
  record_.nonce = "";
  for (const char* name : {"pin", "again"}) write_one(name, 30);
  const auto finished = finish();
  ASSERT_TRUE(finished) << to_text(finished.error());
  EXPECT_THAT(finished->document["deviations"].get<std::vector<std::string>>(),
              Contains(HasSubstr("No nonce")));
}

// The run that is made up is of no released policy, and its loopgate of no known commit.
TEST_F(Accepted, NotesWhatIsModified) {
  fs::remove(bundle());
  const auto finished = finish();
  ASSERT_TRUE(finished) << to_text(finished.error());
  const auto modified = finished->document["modified"].get<std::vector<std::string>>();
  EXPECT_THAT(modified, Contains(HasSubstr("pin: the policy is none of the released ones of")));
  for (const std::string& each : modified)
    EXPECT_THAT(finished->document["deviations"].get<std::vector<std::string>>(), Contains(each + "."));
  const std::string packed = read_text(bundle());
  EXPECT_EQ(said(packed), "verified");
}

TEST_F(Accepted, TellsEachAttemptAndEachClockThatStoodWrong) {
  fs::remove(bundle());
  record_.begun = "2026-06-01T00:00:00Z";
  record_.attempts = {{"2026-06-01T00:00:00Z"},
                      {"2026-06-02T00:00:00Z", "", {{"pin", "rt.mixed", "the link broke"}}}};
  const auto finished = finish();
  ASSERT_TRUE(finished) << to_text(finished.error());
  const auto sentences = finished->document["deviations"].get<std::vector<std::string>>();
  EXPECT_THAT(sentences, Contains(HasSubstr("Attempt 1, begun 2026-06-01T00:00:00Z, was cut off")));
  EXPECT_THAT(sentences, Contains(HasSubstr("rt.mixed was measured again in attempt 2, since what was there "
                                            "of it did not stand: the link broke")));
  EXPECT_THAT(sentences, Contains(HasSubstr("outside of the acceptance's times")));
  EXPECT_EQ(said(read_text(bundle())), "verified");
}

TEST_F(Accepted, NamesWhatALaterOneComesAfter) {
  const auto predecessor = read_predecessor(bundle(), scratch(), {"0", "abc"});
  ASSERT_TRUE(predecessor) << to_text(predecessor.error());
  EXPECT_EQ(predecessor->sha256, sha256_of(bytes_));
  EXPECT_EQ(predecessor->id, "5f0c-id");
}

TEST_F(Accepted, HasAStatementWhereItsVerdictHasAPlaceInOne) {
  const auto done = verified(bytes_);
  ASSERT_TRUE(done);
  nlohmann::json document = done->document;
  const auto passed = in_toto_statement(document, "acceptance.lgb", sha256_of(bytes_));
  ASSERT_TRUE(passed);
  const auto statement = parse_json(*passed);
  EXPECT_EQ(statement["_type"], "https://in-toto.io/Statement/v1");
  EXPECT_EQ(statement["predicateType"], "https://in-toto.io/attestation/test-result/v0.1");
  EXPECT_EQ(statement["predicate"]["result"], "PASSED");
  EXPECT_EQ(statement["subject"][0]["digest"]["sha256"], sha256_of(bytes_));
  EXPECT_EQ(statement["predicate"]["passedTests"].size(), 4U);
  document["verdict"] = "FAIL";
  EXPECT_THAT(*in_toto_statement(document, "a", "b"), HasSubstr("\"FAILED\""));
  for (const char* none : {"INVALID", "INCONCLUSIVE", "NOT GATED"}) {
    document["verdict"] = none;
    EXPECT_FALSE(in_toto_statement(document, "a", "b")) << none;
  }
}

// What is measured again and differs says where.
TEST(Rerun, OfOtherSamplesSaysWhereTheyPart) {
  const testing::ScratchFolder folder;
  for (const auto& [name, latency_ns] : {std::pair{"there", 20'000}, {"same", 20'000}, {"other", 20'001}})
    testing::write_samples(folder.path() / name, testing::make_samples({20'000, latency_ns}));
  const auto there = folder.path() / "there";
  const std::string sha256 = sha256_of(read_text(there));
  EXPECT_EQ(difference_of_samples(there, sha256, folder.path() / "same").value(), "");
  EXPECT_THAT(difference_of_samples(there, sha256, folder.path() / "other").value(),
              HasSubstr("response_ns"));
}

// A recording of one: its keys are what pages are drawn of.
TEST(AcceptanceFile, AsRecordedIsRead) {
  const std::string text = read_text(LOOPGATE_SOURCE_DIR "/fixtures/recordings/acceptance.json");
  const auto record = parse_acceptance_record(text, "acceptance.json");
  ASSERT_TRUE(record) << to_text(record.error());
  EXPECT_EQ(record->nonce, "6f1c09d4a2e8");
}

}  // namespace
}  // namespace loopgate::accept_test
