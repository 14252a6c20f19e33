// Whatever is done to an acceptance on its way is refused by name.
#include <gmock/gmock.h>

#include <set>

#include "accept/testing/accepted.h"
#include "base/json.h"

namespace loopgate::forged_acceptance_test {
namespace {

using testing::Accepted;
using testing::BundleFiles;
using ::testing::ElementsAre;
using testing::files_of;
using ::testing::HasSubstr;
using testing::read_text;
using testing::replace;
using testing::resealed;
using testing::tar_of;

TEST_F(Accepted, AThousandChangedBytesAreRefusedEach) {
  testing::expect_no_byte_is_changeable(bytes_, [&](const std::string& bytes) { return said(bytes); });
}

// Whose bytes are altered is the one that the sentence names.
TEST_F(Accepted, AnAlteredFileIsNamed) {
  const BundleFiles files = files_of(bytes_);
  for (std::size_t i = 1; i < files.size(); ++i) {
    if (files[i].second.empty()) continue;
    BundleFiles altered = files;
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
  const BundleFiles files = files_of(bytes_);
  EXPECT_EQ(said(resealed(files)), "verified");
  for (std::size_t i = 1; i < files.size(); ++i) {
    const std::string& path = files[i].first;
    if (path == acceptance_name) continue;  // then it is no acceptance
    BundleFiles less = files;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
    if (path.ends_with("policy.toml") || path.ends_with("verdict.json") || path.ends_with("run.json")) {
      EXPECT_THAT(said(resealed(less)), HasSubstr("has no " + path));
    } else if (path.ends_with("samples.lgs") || path.ends_with("outcome.json")) {
      EXPECT_THAT(said(resealed(less)), HasSubstr("verdict.json differs at")) << path;
    }
  }
}

TEST_F(Accepted, WhatIsNoPartOfItsPlanIsRefused) {
  BundleFiles files = files_of(bytes_);
  files.emplace_back("runs/third/run/run.json", "{}");
  EXPECT_THAT(said(resealed(files)), HasSubstr("has runs/third/run/run.json, which is no part of its plan"));
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

TEST_F(Accepted, WithoutAnEndIsNoAcceptance) {
  EXPECT_THAT(said_with("acceptance.json", "\"ended\": \"2", "\"ended\": \"3"), HasSubstr("when it ended"));
}

TEST_F(Accepted, OfALaterFormatSaysSo) {
  EXPECT_THAT(said_with("acceptance.json", "\"format\": 1", "\"format\": 2"), HasSubstr("format"));
}

// What acceptance.json says, every build that wrote one has said: whoever leaves out a key is none of these.
TEST_F(Accepted, OfAnotherBuildItLacksNothing) {
  const auto without = [&](const nlohmann::json::json_pointer& key) {
    BundleFiles files = files_of(bytes_);
    for (auto& [path, text] : files) {
      if (path != acceptance_name) continue;
      auto document = parse_json(text);
      document.at(key.parent_pointer()).erase(key.back());
      text = to_text(document);
    }
    return said(resealed(files, {"0", "older"}));
  };
  const auto document = parse_json(read_text(out() / acceptance_name));
  std::set<std::string> seen;
  const auto places = document.flatten();
  for (const auto& [place, value] : places.items())
    for (nlohmann::json::json_pointer key(place); !key.empty(); key.pop_back())
      if (document.at(key.parent_pointer()).is_object() && seen.insert(key.to_string()).second) {
        const bool came_later = key.back() == "quantile_intervals_ns";  // which earlier builds had not
        EXPECT_EQ(without(key) == "verified", came_later) << key;
      }
}

TEST_F(Accepted, OfABuildThatWroteFewerKeysVerifies) {
  BundleFiles files = files_of(bytes_);
  testing::change_verdicts(&files, [](nlohmann::ordered_json* verdict) { verdict->erase("next_step"); });
  const auto done = verified(resealed(files, {"0", "older"}));
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_THAT(done->added_since,
              ElementsAre("runs/pin/verdict.json/next_step", "runs/again/verdict.json/next_step"));
  EXPECT_THAT(said(resealed(files)), HasSubstr("runs/pin/verdict.json differs at /next_step: nothing"));
  for (auto& [path, text] : files)
    if (path == acceptance_name) replace(&text, "\"verdict\": \"PASS\"", "\"verdict\": \"FAIL\"");
  EXPECT_THAT(said(resealed(files, {"0", "older"})), HasSubstr("packed by loopgate 0 older, and this is"));
}

}  // namespace
}  // namespace loopgate::forged_acceptance_test
