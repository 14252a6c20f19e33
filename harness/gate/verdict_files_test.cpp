// verdict.json, junit.xml and verdict.md.
#include <gmock/gmock.h>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/units.h"
#include "gate/evaluate.h"
#include "gate/junit.h"
#include "gate/testing/made_up_run.h"
#include "gate/verdict_markdown.h"

namespace loopgate::verdict_files_test {
namespace {

using ::testing::HasSubstr;
using testing::latencies_with;
using testing::make_policy;
using testing::make_statistics;
using ::testing::Not;

// One group of each verdict. The reason is what a console can hold.
class VerdictFiles : public ::testing::Test {
 protected:
  Comparison run_ = make_statistics(
      {{"pass", "mixed", latencies_with(3'000, 0)},
       {"fail", "mixed", latencies_with(3'000, 100)},
       {"open", "mixed", latencies_with(100, 0)},
       {"free", "mixed", latencies_with(100, 0)},
       {"lost", "mixed", {}, {{"lost.mixed", "invalid", "<b>&\"'|` \x1b[31m\x01 \xff \xef\xbf\xbf ]]>"}}}});
  Verdict verdict_ = *evaluate(run_, make_policy(R"(
[[budget]]
kernel = "pass"
load = "*"
p99_us = 100
[[budget]]
kernel = "fail"
load = "*"
p99_us = 100
[[budget]]
kernel = "open"
load = "*"
p99_9_us = 100
)"),
                               {});
};

TEST_F(VerdictFiles, JsonHasTheDocumentedFields) {
  const auto json = nlohmann::json::parse(to_json(verdict_));
  EXPECT_EQ(json["format"], 1);
  EXPECT_EQ(json["verdict"], "INVALID");
  EXPECT_EQ(json["policy"]["file"], "p.toml");
  EXPECT_TRUE(json["baseline"].is_null());
  EXPECT_EQ(json["groups"][3]["verdict"], "NOT GATED");
  const auto& check = json["checks"][0];
  EXPECT_EQ(check["kernel"], "pass");
  EXPECT_EQ(check["rule"], "budget");
  EXPECT_EQ(check["quantity"], "p99");
  EXPECT_TRUE(check["limit"].is_number_integer());
  EXPECT_EQ(check["limit"], 100'000);
  EXPECT_EQ(check["seen"], 20'000);
  EXPECT_EQ(check["verdict"], "PASS");
  EXPECT_TRUE(check["samples_needed"].is_null());
  EXPECT_EQ(json["checks"][4]["samples_needed"], 2'995);
}

TEST_F(VerdictFiles, ExitStatuses) {
  const std::vector<std::pair<VerdictKind, int>> statuses = {{VerdictKind::pass, 0},
                                                             {VerdictKind::fail, 1},
                                                             {VerdictKind::invalid, 3},
                                                             {VerdictKind::inconclusive, 4},
                                                             {VerdictKind::not_gated, 4}};
  for (const auto& [kind, status] : statuses) {
    verdict_.verdict = kind;
    EXPECT_EQ(exit_status(verdict_), status);
  }
}

TEST_F(VerdictFiles, JunitIsWellFormedAndSilentOnNothing) {
  const std::string xml = to_junit(verdict_, run_);
  std::istringstream text(xml);
  boost::property_tree::ptree document;
  ASSERT_NO_THROW(boost::property_tree::read_xml(text, document)) << xml;
  const auto& suites = document.get_child("testsuites");
  EXPECT_EQ(suites.count("testsuite"), 5U);
  EXPECT_EQ(suites.get<int>("<xmlattr>.tests"), 7);
  EXPECT_EQ(suites.get<int>("<xmlattr>.failures"), 1);
  EXPECT_EQ(suites.get<int>("<xmlattr>.errors"), 2);
  EXPECT_EQ(suites.get<int>("<xmlattr>.skipped"), 0);
  EXPECT_THAT(xml, HasSubstr("<failure message=\"100 of 3,000 stimuli exceeded 100 us: "));
  EXPECT_THAT(xml, HasSubstr("type=\"INCONCLUSIVE\""));
  EXPECT_THAT(xml, HasSubstr("type=\"INVALID\""));
  EXPECT_THAT(xml, HasSubstr("name=\"budget: p99 at most 100 us\""));
  EXPECT_THAT(xml, HasSubstr("<property name=\"time_base\" value=\"virtual\"/>"));
  EXPECT_THAT(xml, HasSubstr("&lt;b&gt;&amp;&quot;"));
  EXPECT_THAT(xml, Not(HasSubstr("\x1b")));
}

TEST_F(VerdictFiles, MarkdownShowsTheTableAndWhatDidNotPass) {
  const std::string text = to_markdown(verdict_, run_);
  EXPECT_THAT(text, HasSubstr("## INVALID: t"));
  EXPECT_THAT(text, HasSubstr("virtual time (1 ns per instruction)"));
  EXPECT_THAT(text, HasSubstr("| kernel | p50 | p99 | p99.9 | max | jitter | late | not sent | unanswered | "
                              "verdict |\n|---|--:|"));
  EXPECT_THAT(text, HasSubstr("| free | 20.0 us |"));
  EXPECT_THAT(text, HasSubstr("- **FAIL** fail × mixed: p99 at most 100 us: 100 of 3,000"));
  EXPECT_THAT(text, HasSubstr("- **INCONCLUSIVE** open"));
  EXPECT_THAT(text, HasSubstr("- **INVALID** lost"));
  EXPECT_THAT(text, HasSubstr("&lt;b>&amp;\"'\\|\\`"));
  EXPECT_THAT(text, Not(HasSubstr("**PASS**")));
  EXPECT_THAT(
      text, HasSubstr("Passed:\n\n- pass × mixed: p99 20.0 us, at 95 % at most 20.0 us, limit 100 us, 3,000 "
                      "stimuli\n"));
}

TEST_F(VerdictFiles, MarkdownStaysBelowOneMebibyte) {
  Check check = verdict_.checks.back();
  check.why = std::string(10'000, '<');
  for (int i = 0; i < 3'000; ++i) verdict_.checks.push_back(check);
  const std::string text = to_markdown(verdict_, run_);
  EXPECT_LT(text.size(), 1U << 20U);
  EXPECT_THAT(text, HasSubstr("more checks did not pass: see verdict.json"));
}

TEST(Printable, LeavesValidTextAloneAndMendsTheRest) {
  EXPECT_EQ(printable("µs · ok"), "µs · ok");
  EXPECT_EQ(printable("a\nb\tc\x7f"), "a b c ");
  EXPECT_EQ(printable("\xff"), "\xEF\xBF\xBD");
  EXPECT_EQ(printable(""), "");
}

TEST(Units, ShowThreeFiguresOrOneDecimal) {
  EXPECT_EQ(us_text(0), "0.000 us");
  EXPECT_EQ(us_text(17), "0.017 us");
  EXPECT_EQ(us_text(1'234), "1.23 us");
  EXPECT_EQ(us_text(23'749), "23.7 us");
  EXPECT_EQ(us_text(184'940), "184.9 us");
  EXPECT_EQ(us_text(18'640'400), "18,640 us");
  EXPECT_EQ(limit_text(100'000), "100 us");
  EXPECT_EQ(limit_text(5'000'000), "5,000 us");
  EXPECT_EQ(percent_text(0.0003), "0.03 %");
}

}  // namespace
}  // namespace loopgate::verdict_files_test
