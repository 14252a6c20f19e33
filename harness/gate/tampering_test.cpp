// Who takes something out of a run, or alters it, in one place: is the verdict ever softer for it? Each key
// and each row of each JSON file of a run is tried, one at a time.
#include <gmock/gmock.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gate/evaluate.h"
#include "gate/testing/made_up_run.h"
#include "record/seal.h"
#include "record/testing/recorded_run.h"
#include "stats/stats_run.h"

namespace loopgate::tampering_test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using testing::read_text;
using testing::RecordedRun;
using testing::write_text;

struct Edit {
  std::string what;  // "/kernels/0/name removed"
  Json document;
};

std::vector<Json> alterations_of(const Json& value) {
  if (value.is_string()) return {value.get<std::string>() + "x", "", "measured"};
  if (value.is_boolean()) return {!value.get<bool>()};
  if (value.is_number()) return {value.get<std::int64_t>() + 1, 0};
  return {};
}

void add_edits(const Json& whole, const Json::json_pointer& at, std::vector<Edit>* edits) {
  const Json& node = whole.at(at);
  for (const auto& [key, value] : node.items()) {
    const auto child = node.is_array() ? at / std::stoul(key) : at / key;
    Json without = whole;
    if (node.is_array()) {
      without.at(at).erase(std::stoul(key));
    } else {
      without.at(at).erase(key);
    }
    edits->push_back({child.to_string() + " removed", std::move(without)});
    for (const Json& other : alterations_of(value)) {
      Json altered = whole;
      altered.at(child) = other;
      if (other != value) edits->push_back({child.to_string() + " = " + other.dump(), std::move(altered)});
    }
    if (value.is_structured()) add_edits(whole, child, edits);
  }
}

std::vector<Edit> edits_of(const std::string& text) {
  std::vector<Edit> edits;
  add_edits(Json::parse(text), Json::json_pointer(), &edits);
  return edits;
}

std::string plain_text(const Json& document) { return document.dump(2) + "\n"; }

std::string sealed_text(Json document) {
  document.erase("sha256");
  return with_seal(plain_text(document));
}

class Tampering : public ::testing::Test {
 protected:
  void SetUp() override {
    write_text(policy(),
               std::string(testing::policy_head) + "[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 30\n");
  }
  fs::path run() const { return scratch_.path() / "run"; }
  fs::path policy() const { return scratch_.path() / "release.toml"; }
  fs::path cell(const char* name) const { return run() / "cells" / name; }

  // Two kernels in two replicates each; the last cell is the one that is at fault, where one is.
  void make(const std::vector<std::int64_t>& latencies_ns, const char* outcome = "measured") {
    RecordedRun made;
    made.cells = {{"a", "mixed", {20'000, 30'000}},
                  {"b", "mixed", {20'000, 30'000}},
                  {"a", "mixed", {20'000, 29'000}, "measured", "", 2},
                  {"b", "mixed", latencies_ns, outcome, "", 2}};
    fs::remove_all(run());
    testing::write_run(run(), made);
  }

  // PASS, FAIL ...; "refused" where there is no verdict. As gate_run() does it, but for the files that it
  // writes: a thousand of them would wait for the disk.
  std::string gate() const {
    const auto statistics = run_statistics(run());
    if (!statistics) return "refused";
    const auto verdict = evaluate(*statistics, read_policy(policy()).value(), {});
    return verdict ? name_of(verdict->verdict) : "refused";
  }

  // What was edited and passes all the same.
  std::vector<std::string> passing(const fs::path& file,
                                   const std::function<std::string(const Json&)>& text = plain_text) const {
    const std::string before = read_text(file);
    std::vector<std::string> passed;
    for (const Edit& edit : edits_of(before)) {
      write_text(file, text(edit.document));
      const std::string verdict = gate();
      if (verdict != "FAIL" && verdict != "INVALID" && verdict != "refused")
        passed.push_back(file.filename().string() + ": " + edit.what + ": " + verdict);
    }
    write_text(file, before);
    return passed;
  }

  void expect_never_softer(const std::string& verdict) const {
    ASSERT_EQ(gate(), verdict);
    EXPECT_THAT(passing(run() / "run.json"), ::testing::IsEmpty());
    for (const char* name : {"a.mixed", "b.mixed.2"}) {
      EXPECT_THAT(passing(cell(name) / "outcome.json"), ::testing::IsEmpty()) << name;
      EXPECT_THAT(passing(cell(name) / "outcome.json", sealed_text), ::testing::IsEmpty()) << name;
      if (fs::exists(cell(name) / "evidence.json"))
        EXPECT_THAT(passing(cell(name) / "evidence.json"), ::testing::IsEmpty()) << name;
    }
    ASSERT_EQ(gate(), verdict) << "it was put back";
  }

 private:
  testing::ScratchFolder scratch_;
};

TEST_F(Tampering, OfARunThatMissedABudgetNeverSoftensIt) {
  make({20'000, 31'000});
  expect_never_softer("FAIL");
}

TEST_F(Tampering, OfAKernelThatPanickedNeverSoftensIt) {
  make({}, "kernel_failed");
  expect_never_softer("FAIL");
}

TEST_F(Tampering, OfAnInvalidCellNeverMakesItValid) {
  make({20'000, 30'000}, "invalid");
  expect_never_softer("INVALID");
}

// Of a sound run no edit is overlooked, wherever it is: but for what the circumstances say of the host.
TEST_F(Tampering, OfASoundRunIsSeen) {
  make({20'000, 30'000});
  ASSERT_EQ(gate(), "PASS");
  for (const std::string& edit : passing(run() / "run.json"))
    EXPECT_THAT(edit, ::testing::StartsWith("run.json: /circumstances/"));
  EXPECT_THAT(passing(cell("b.mixed.2") / "outcome.json"), ::testing::IsEmpty());
  EXPECT_THAT(passing(cell("b.mixed.2") / "evidence.json"), ::testing::IsEmpty());
}

TEST_F(Tampering, AFileThatIsGoneIsMissed) {
  for (const char* file : {"outcome.json", "evidence.json", "samples.lgs"}) {
    make({20'000, 30'000});
    ASSERT_EQ(gate(), "PASS");
    fs::remove(cell("b.mixed.2") / file);
    EXPECT_EQ(gate(), "INVALID") << file;
  }
}

// Two places: the evidence and the digest that says that it was there.
TEST_F(Tampering, EvidenceIsMissedWithItsDigest) {
  make({20'000, 30'000});
  fs::remove(cell("b.mixed.2") / "evidence.json");
  Json outcome = Json::parse(read_text(cell("b.mixed.2") / "outcome.json"));
  outcome["artifacts"].erase("evidence.json");
  write_text(cell("b.mixed.2") / "outcome.json", sealed_text(outcome));
  EXPECT_EQ(gate(), "INVALID");
}

// Three places: a kernel with its cells, in both lists and on the disk.
TEST_F(Tampering, AKernelThatFailedIsMissedWithItsCells) {
  make({20'000, 31'000});
  Json document = Json::parse(read_text(run() / "run.json"));
  document["kernels"].erase(1);
  document["cells"].erase(3);
  document["cells"].erase(1);
  write_text(run() / "run.json", plain_text(document));
  fs::remove_all(cell("b.mixed"));
  fs::remove_all(cell("b.mixed.2"));
  EXPECT_EQ(gate(), "INVALID");
}

}  // namespace
}  // namespace loopgate::tampering_test
