// The examples of protocol/README.md are messages that the readers take.
#include <gmock/gmock.h>

#include <sstream>

#include "base/testing/temp_folder.h"
#include "protocol/instrument_event.h"
#include "protocol/job.h"
#include "protocol/report.h"

namespace loopgate::readme_test {
namespace {

// The block that begins with ```json NAME.
std::string example(const std::string& name) {
  const std::string text = text_of_file(LOOPGATE_SOURCE_DIR "/harness/protocol/README.md");
  const std::string fence = "```json " + name + "\n";
  const std::size_t begin = text.find(fence);
  EXPECT_NE(begin, std::string::npos) << name;
  if (begin == std::string::npos) return {};
  return text.substr(begin + fence.size(), text.find("```", begin + fence.size()) - begin - fence.size());
}

TEST(ProtocolReadme, ShowsAJob) {
  const auto job = parse_job(example("job"));
  ASSERT_TRUE(job) << job.error().what;
  EXPECT_TRUE(job->instrument);
}

TEST(ProtocolReadme, ShowsPrograms) {
  std::string text = example("job");
  const std::size_t payload = text.find("\"payload\"");
  text.resize(payload);
  const auto job = parse_job(text + example("programs") + "}");
  ASSERT_TRUE(job) << job.error().what;
  EXPECT_EQ(job->programs.size(), 2U);
}

TEST(ProtocolReadme, ShowsAProbe) {
  std::string text = example("job");
  const std::size_t last = text.rfind('}');
  ASSERT_NE(last, std::string::npos);
  const auto job = parse_job(text.substr(0, last) + ", " + example("probe") + "}");
  ASSERT_TRUE(job) << job.error().what;
  EXPECT_TRUE(job->probe && job->probe->in_report);
}

TEST(ProtocolReadme, ShowsAReport) {
  const auto report = parse_report(example("report"));
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_TRUE(report->failure && report->payload && report->instrument && !report->programs.empty());
}

TEST(ProtocolReadme, ShowsEvents) {
  std::istringstream lines(example("event"));
  int events = 0;
  for (std::string line; std::getline(lines, line); ++events) {
    const auto event = parse_event(line);
    EXPECT_TRUE(event) << (event ? "" : event.error().what);
  }
  EXPECT_GE(events, 4);
}

}  // namespace
}  // namespace loopgate::readme_test
