// The examples of README.md are read by the readers that read a run.
#include <gmock/gmock.h>

#include "record/amendments.h"
#include "record/outcome.h"
#include "record/run_record.h"
#include "record/testing/recorded_run.h"

namespace loopgate::page_test {
namespace {

// The first example of JSON under a heading, on one line.
std::string example_of(const std::string& heading) {
  const std::string page = testing::read_text(LOOPGATE_SOURCE_DIR "/harness/record/README.md");
  const std::string begin_mark = "```json\n";
  const std::size_t section = page.find("\n## " + heading + "\n");
  const std::size_t begin = page.find(begin_mark, section);
  if (section == std::string::npos || begin == std::string::npos) return "no example of " + heading;
  std::string text = page.substr(begin + begin_mark.size());
  text.erase(text.find("```"));
  std::string line;
  for (const char c : text)
    if (c != '\n') line += c;
  return line;
}

TEST(Page, ItsRunIsRead) {
  const auto run = parse_run_record(example_of("run.json"), "README.md");
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_EQ(run->cells.at(0).name, "generic.mixed");
}

TEST(Page, ItsOutcomeIsRead) {
  const auto outcome = parse_unsealed_outcome(example_of("cells/CELL/outcome.json"), "README.md");
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->kind, OutcomeKind::measured);
}

TEST(Page, ItsAmendmentIsRead) {
  const auto amendments = parse_amendments(example_of("cells/CELL/amendments.jsonl") + "\n", "README.md");
  ASSERT_TRUE(amendments) << amendments.error().what;
  EXPECT_EQ(amendments->at(0).found_by, "health check");
}

}  // namespace
}  // namespace loopgate::page_test
