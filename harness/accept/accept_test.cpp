// An acceptance of made-up runs is packed, handed over and computed again; whatever is done to it on the way
// is refused by name.
#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "accept/begin.h"
#include "accept/finish.h"
#include "accept/in_toto.h"
#include "accept/seed.h"
#include "accept/verify_acceptance.h"
#include "base/digest.h"
#include "base/json.h"
#include "bundle/testing/bundle_files.h"
#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"
#include "run/replay.h"

namespace loopgate::accept_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::read_text;
using testing::RecordedRun;
using testing::write_run;
using testing::write_text;

constexpr const char* plan_text = R"(
title = "Acceptance of the made-up bench"
board = "qemu-virt-arm64"
decision_rule = "No guard band: a limit is a limit."
agreed = "<script>alert(1)</script>"
signatures = { wanted = 1, of = 2 }

[[run]]
name = "pin"
suite = "irq-to-gpio"
policy = "release.toml"
kernels = ["generic", "rt"]
loads = ["mixed"]
samples = 2

[[run]]
name = "again"
suite = "irq-to-gpio"
policy = "release.toml"
)";
constexpr const char* nonce = "6f1c6f1c6f1c";

using Files = testing::BundleFiles;
using testing::files_of;
using testing::resealed;
using testing::tar_of;

void replace(std::string* text, const std::string& from, const std::string& to) {
  ASSERT_NE(text->find(from), std::string::npos) << from;
  text->replace(text->find(from), from.size(), to);
}

class Accepted : public ::testing::Test {
 protected:
  void SetUp() override {
    run_.cells = {{"generic", "mixed", {20'000, 30'000}}, {"rt", "mixed", {20'000, 29'000}}};
    run_.seed = derived_seed(nonce, {"image-1"});
    run_.started = "2026-01-31T12:00:00Z";
    for (const char* name : {"pin", "again"}) write_one(name, 30);
    fs::create_directory(scratch());
    const auto finished = finish();
    ASSERT_TRUE(finished) << to_text(finished.error());
    bytes_ = read_text(bundle());
  }
  void write_one(const std::string& name, int max_us) const {
    write_run(out() / folder_of_run(name) / "run", run_);
    write_text(out() / folder_of_run(name) / "policy.toml",
               std::string(testing::policy_head) +
                   "[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = " + std::to_string(max_us) + "\n");
  }
  Result<FinishedAcceptance> finish() const {
    AcceptanceRecord record = record_;
    return finish_acceptance(out(), record, *parse_acceptance_plan(record.plan_toml, "plan.toml"));
  }
  fs::path at(const char* name) const { return folder_.path() / name; }
  fs::path out() const { return at("out"); }
  fs::path bundle() const { return out() / acceptance_bundle_name; }
  fs::path scratch() const { return at("scratch"); }

  Result<VerifiedAcceptance> verified(const std::string& bytes) const {
    fs::remove(at("b.lgb"));
    write_text(at("b.lgb"), bytes);
    TRY(opened, open_bundle(at("b.lgb"), scratch(), {"0", "abc"}, {}));
    return verify_acceptance(opened);
  }
  // "verified", or why not.
  std::string said(const std::string& bytes) const {
    const auto done = verified(bytes);
    EXPECT_TRUE(fs::is_empty(scratch()));
    if (done) return "verified";
    EXPECT_EQ(done.error().kind, ErrorKind::data) << to_text(done.error());
    EXPECT_THAT(done.error().what, HasSubstr("b.lgb: "));
    return done.error().what;
  }
  // Once a file of the bundle says `to` in place of `from`, and the manifest fits again.
  std::string said_with(const std::string& file, const std::string& from, const std::string& to) const {
    Files files = files_of(bytes_);
    for (auto& [path, text] : files)
      if (path == file) replace(&text, from, to);
    return said(resealed(files));
  }

  AcceptanceRecord record_{"5f0c-id",
                           "2026-01-31T11:59:00Z",
                           "",
                           {"0", "abc"},
                           {"Acme <b>", "Hall 3", "N. N."},
                           nonce,
                           {},
                           "plan.toml",
                           plan_text,
                           "qemu-virt-arm64",
                           {{"2026-01-31T11:59:00Z"}}};
  RecordedRun run_;
  std::string bytes_;
  testing::ScratchFolder folder_;
};

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

TEST_F(Accepted, WhatItsPlanLeavesOutIsNotAgreed) {
  const auto sentences = verified(bytes_)->document["deviations"].get<std::vector<std::string>>();
  EXPECT_THAT(sentences, Contains(HasSubstr("pin: the plan leaves out policy_sha256, repeat: ")));
  EXPECT_THAT(
      sentences,
      Contains(HasSubstr("again: the plan leaves out policy_sha256, kernels, loads, samples, repeat: ")));
}

TEST_F(Accepted, WithoutAnEndIsNoAcceptance) {
  EXPECT_THAT(said_with("acceptance.json", "\"ended\": \"2", "\"ended\": \"3"), HasSubstr("when it ended"));
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
  EXPECT_THAT(refused(), HasSubstr("another policy release.toml"));
  asked.record.nonce = "another-nonce";
  EXPECT_THAT(refused(), HasSubstr("another --nonce"));
  asked.record.told.customer = "another";
  EXPECT_THAT(refused(), HasSubstr("another --customer"));
  asked.record.plan_toml += "#";
  EXPECT_THAT(refused(), HasSubstr("another plan file"));
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

TEST_F(Accepted, AThousandChangedBytesAreRefusedEach) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    std::string changed = bytes_;
    const std::size_t place = random() % changed.size();
    changed[place] = static_cast<char>(static_cast<unsigned char>(changed[place]) ^ (1 + random() % 255));
    EXPECT_NE(said(changed), "verified") << "byte " << place;
  }
}

// Of two releases, the chain and what --resume ends with must verify still.
TEST_F(Accepted, OfAnotherBuildItLacksNothingThatIsAgreedTo) {
  for (const char* key : {"decision_rule", "signatures", "attempts", "told", "deviations"}) {
    Files files = files_of(bytes_);
    for (auto& [path, text] : files) {
      if (path != acceptance_name) continue;
      auto document = parse_json(text);
      document.erase(key);
      text = to_text(document);
    }
    EXPECT_FALSE(verified(resealed(files, {"0", "older"}))) << key;
  }
}

TEST_F(Accepted, OfABuildThatWroteFewerKeysVerifies) {
  Files files = files_of(bytes_);
  for (auto& [path, text] : files) {
    if (path != acceptance_name) continue;
    auto document = parse_json(text);
    for (auto& run : document["runs"]) run.erase("remarks");
    text = to_text(document);
  }
  const auto done = verified(resealed(files, {"0", "older"}));
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_THAT(done->added_since, ElementsAre(std::string(acceptance_name) + "/runs/remarks"));
  EXPECT_THAT(said(resealed(files)), HasSubstr("acceptance.json differs at /runs/0/remarks: nothing"));
  for (auto& [path, text] : files)
    if (path == acceptance_name) replace(&text, "\"verdict\": \"PASS\"", "\"verdict\": \"FAIL\"");
  EXPECT_THAT(said(resealed(files, {"0", "older"})), HasSubstr("packed by loopgate 0 older, and this is"));
}

// Whose bytes are altered is the one that the sentence names.
TEST_F(Accepted, AnAlteredFileIsNamed) {
  const Files files = files_of(bytes_);
  for (std::size_t i = 1; i < files.size(); ++i) {
    if (files[i].second.empty()) continue;
    Files altered = files;
    altered[i].second[altered[i].second.size() / 2] ^= 1;
    EXPECT_THAT(said(tar_of(altered)), HasSubstr(files[i].first + " was altered"));
  }
}

TEST_F(Accepted, AnEntryRemovedAddedOrSwappedIsRefused) {
  testing::expect_no_entry_is_movable(bytes_, "runs/pin/run/more",
                                      [&](const std::string& bytes) { return said(bytes); });
}

// The manifest fits again, and what remains is what the files say of each other.
TEST_F(Accepted, WithoutAFileAndSealedAnewItIsRefusedByName) {
  const Files files = files_of(bytes_);
  EXPECT_EQ(said(resealed(files)), "verified");
  for (std::size_t i = 1; i < files.size(); ++i) {
    const std::string& path = files[i].first;
    if (path == acceptance_name) continue;  // then it is no acceptance
    Files less = files;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
    if (path.ends_with("policy.toml") || path.ends_with("verdict.json") || path.ends_with("run.json")) {
      EXPECT_THAT(said(resealed(less)), HasSubstr("has no " + path));
    } else if (path.ends_with("samples.lgs") || path.ends_with("outcome.json")) {
      EXPECT_THAT(said(resealed(less)), HasSubstr("verdict.json differs at")) << path;
    }
  }
}

TEST_F(Accepted, WhatIsNoPartOfItsPlanIsRefused) {
  Files files = files_of(bytes_);
  files.emplace_back("runs/third/run/run.json", "{}");
  EXPECT_THAT(said(resealed(files)), HasSubstr("has runs/third/run/run.json, which is no part of its plan"));
}

TEST_F(Accepted, AnotherSeedIsRefusedByName) {
  fs::remove_all(out());
  run_.seed = 7;
  for (const char* name : {"pin", "again"}) write_one(name, 30);
  const auto finished = finish();
  ASSERT_FALSE(finished);
  EXPECT_THAT(finished.error().what, AllOf(HasSubstr("runs/pin: its seed is 7"), HasSubstr(nonce)));
  EXPECT_THAT(said_with("acceptance.json", "6f1c6f1c6f1c", "6f1c6f1c6f1d"),
              AllOf(HasSubstr("runs/pin: its seed is"), HasSubstr("the nonce 6f1c6f1c6f1d")));
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

TEST_F(Accepted, ASofterWordIsSeen) {
  EXPECT_THAT(said_with("acceptance.json", "\"verdict\": \"PASS\"", "\"verdict\": \"FAIL\""),
              HasSubstr("acceptance.json differs at /"));
  EXPECT_THAT(said_with("runs/again/verdict.json", "PASS", "FAIL"),
              HasSubstr("runs/again/verdict.json differs at /"));
  EXPECT_THAT(said_with("runs/again/policy.toml", "max_us = 30", "max_us = 99"),
              HasSubstr("runs/again/verdict.json differs at /"));
  EXPECT_THAT(said_with("acceptance.json", "samples = 2", "samples = 3"), HasSubstr("sha256"));
}

TEST_F(Accepted, AnotherPlanIsRefused) {
  fs::remove_all(out());
  for (const char* name : {"pin", "again"}) write_one(name, 30);
  replace(&record_.plan_toml, "kernels = [\"generic\", \"rt\"]", "kernels = [\"generic\"]");
  const auto finished = finish();
  ASSERT_FALSE(finished);
  EXPECT_THAT(finished.error().what,
              HasSubstr("runs/pin: its kernels are generic, rt, and the plan names generic"));
}

TEST_F(Accepted, OfALaterFormatSaysSo) {
  EXPECT_THAT(said_with("acceptance.json", "\"format\": 1", "\"format\": 2"), HasSubstr("format"));
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
