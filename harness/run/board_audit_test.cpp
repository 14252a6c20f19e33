#include "run/board_audit.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "audit/testing/audits.h"
#include "base/file.h"
#include "base/testing/temp_folder.h"

namespace loopgate::board_audit_test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// A board that answers as the recorded machine did.
class BoardAuditTest : public ::testing::Test {
 protected:
  BoardAuditTest() {
    Board board;
    board.name = "pi";
    board.measured_cpus = {2, 3};
    audit_ = std::make_unique<BoardAudit>(rules(), board);
    answer_ =
        *read_file(std::filesystem::path(LOOPGATE_SOURCE_DIR) / "fixtures/recordings/audit/rt-tuned.facts");
  }

  Result<std::string> after(const std::string& cell, const std::string& boot, const char* image = "Image") {
    CellRequest request;
    request.boot = boot;
    request.folder = folder_.path() / cell;
    if (image != nullptr) {
      request.kernel.emplace().image = image;
      request.kernel->config = config_;
      request.kernel->provenance.package = package_;
    }
    std::filesystem::create_directories(request.folder);
    return audit_->after(request, [this](const std::string& script) -> Result<std::string> {
      ++asked_;
      EXPECT_THAT(script, HasSubstr("loopgate facts"));
      return answer_;
    });
  }

  bool has_audit(const std::string& cell) const {
    return std::filesystem::exists(folder_.path() / cell / "audit.json");
  }

  TempFolder folder_;
  std::unique_ptr<BoardAudit> audit_;
  Result<std::string> answer_;
  std::filesystem::path config_;
  std::string package_ = "linux-image-rt-arm64";
  int asked_ = 0;
};

TEST_F(BoardAuditTest, OnceForEachBootOfACandidate) {
  const auto tally = after("rt.idle", "rt 1");
  ASSERT_TRUE(tally) << tally.error().what;
  EXPECT_THAT(*tally, HasSubstr(" good, "));
  EXPECT_EQ(after("rt.mixed", "rt 1").value(), "");
  EXPECT_TRUE(has_audit("rt.idle"));
  EXPECT_FALSE(has_audit("rt.mixed"));
  EXPECT_NE(after("rt.idle.2", "rt 2").value(), "");
  EXPECT_EQ(after("before", "known-good 1", nullptr).value(), "");
  EXPECT_FALSE(has_audit("before"));
  EXPECT_EQ(asked_, 2);
}

TEST_F(BoardAuditTest, HoldsTheBoardsMeasuredCpusAgainstTheRules) {
  answer_ = "Welcome to the board!\n" + *answer_;
  ASSERT_TRUE(after("rt.idle", "rt 1"));
  const json document = json::parse(*read_file(folder_.path() / "rt.idle" / "audit.json"));
  EXPECT_EQ(document["parameters"][0],
            json({{"name", "measured_cpus"}, {"value", "2,3"}, {"source", "given"}}));
  EXPECT_EQ(document["findings"].size(), rules().rules.size());
}

TEST_F(BoardAuditTest, ACandidatesConfigurationIsTheOneThatItWasFetchedWith) {
  const std::size_t begin = answer_->find("= kernel configuration");
  answer_->replace(begin, answer_->find("\n= ", begin) - begin, "= kernel configuration\n! missing");
  const auto timers = [&](const std::string& cell) {
    EXPECT_TRUE(after(cell, cell));
    const json document = json::parse(*read_file(folder_.path() / cell / "audit.json"));
    for (const json& finding : document["findings"])
      if (finding["name"] == "high-resolution-timers") return finding["judgement"].get<std::string>();
    return std::string("no such finding");
  };
  EXPECT_EQ(timers("without"), "unknown");
  config_ = folder_.path() / "config";
  ASSERT_TRUE(
      write_file_atomically(config_, "# Linux/arm64 6.12 Kernel Configuration\nCONFIG_HIGH_RES_TIMERS=y\n"));
  EXPECT_EQ(timers("with"), "good");
  package_.clear();
  EXPECT_EQ(timers("of one's own"), "unknown") << "nobody held it against the kernel that runs";
  package_ = "linux-image-rt-arm64";
  config_ = folder_.path() / "gone";
  EXPECT_EQ(timers("gone"), "unknown");
}

TEST_F(BoardAuditTest, WhatCannotBeReadLeavesNothingAndIsAskedAgain) {
  answer_ = answer_->substr(0, answer_->size() / 2);
  EXPECT_EQ(after("rt.idle", "rt 1").error().kind, ErrorKind::data);
  answer_ = fail(ErrorKind::infrastructure, "the connection was lost");
  EXPECT_EQ(after("rt.idle", "rt 1").error().what, "the connection was lost");
  EXPECT_FALSE(has_audit("rt.idle"));
}

}  // namespace
}  // namespace loopgate::board_audit_test
