#include "gate/junit.h"

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <sstream>

namespace loopgate {
namespace {

using boost::property_tree::ptree;

struct Tally {
  int tests = 0;
  int failures = 0;
  int errors = 0;
  int skipped = 0;
};

void add(const Check& check, Tally* tally) {
  ++tally->tests;
  tally->failures += check.verdict == VerdictKind::fail ? 1 : 0;
  tally->errors +=
      check.verdict == VerdictKind::invalid || check.verdict == VerdictKind::inconclusive ? 1 : 0;
  tally->skipped += check.verdict == VerdictKind::not_gated ? 1 : 0;
}

void set_tally(const Tally& tally, ptree* node) {
  node->put("<xmlattr>.tests", tally.tests);
  node->put("<xmlattr>.failures", tally.failures);
  node->put("<xmlattr>.errors", tally.errors);
  node->put("<xmlattr>.skipped", tally.skipped);
}

void add_property(const char* name, const std::string& value, ptree* properties) {
  ptree& property = properties->add("property", "");
  property.put("<xmlattr>.name", name);
  property.put("<xmlattr>.value", printable(value));
}

ptree properties_of(const GroupEvidence& group, const Comparison& comparison, VerdictKind verdict,
                    const std::string& error_rates) {
  const SampleCounts& counts = group.summary.counts;
  ptree properties;
  add_property("suite", comparison.suite.name, &properties);
  add_property("board", comparison.board.name, &properties);
  add_property("kernel", group.kernel, &properties);
  add_property("load", group.load, &properties);
  add_property("time_base", name_of(comparison.time_base), &properties);
  if (!comparison.self_measured_by.empty())
    add_property("self_measured_by", comparison.self_measured_by, &properties);
  add_property("verdict", name_of(verdict), &properties);
  if (!error_rates.empty()) add_property("error_rates", error_rates, &properties);
  add_property("scheduled", std::to_string(counts.scheduled), &properties);
  add_property("count", std::to_string(counts.count), &properties);
  if (!group.not_counted.empty()) {
    add_property("not_counted", group.not_counted, &properties);
    return properties;
  }
  add_property("late", std::to_string(counts.late), &properties);
  add_property("unanswered", std::to_string(counts.unanswered), &properties);
  add_property("not_sent", std::to_string(counts.not_sent), &properties);
  return properties;
}

const char* element_of(VerdictKind verdict) {
  switch (verdict) {
    case VerdictKind::pass:
      return nullptr;
    case VerdictKind::fail:
      return "failure";
    case VerdictKind::not_gated:
      return "skipped";
    case VerdictKind::inconclusive:
    case VerdictKind::invalid:
      return "error";
  }
  return "error";
}

ptree testcase_of(const Check& check, const std::string& suite_name) {
  ptree testcase;
  testcase.put("<xmlattr>.classname", suite_name);
  testcase.put("<xmlattr>.name", printable(check.rule + ": " + demand_text(check)));
  testcase.put("<xmlattr>.time", 0);
  const std::string why = printable(check.why);
  if (const char* element = element_of(check.verdict)) {
    ptree& problem = testcase.add(element, why);
    problem.put("<xmlattr>.message", why);
    if (check.verdict != VerdictKind::not_gated) problem.put("<xmlattr>.type", name_of(check.verdict));
  } else {
    testcase.add("system-out", why);
  }
  return testcase;
}

}  // namespace

std::string to_junit(const Verdict& verdict, const Comparison& comparison) {
  ptree suites;
  suites.put("<xmlattr>.name", "loopgate: " + printable(verdict.policy_title));
  Tally all;
  for (const Check& check : verdict.checks) add(check, &all);
  set_tally(all, &suites);
  for (const GroupVerdict& group_verdict : verdict.groups) {
    const GroupEvidence* group = find_group(comparison, group_verdict.kernel, group_verdict.load);
    if (group == nullptr) continue;
    const std::string name = printable(group->kernel + "." + group->load);
    ptree suite;
    suite.put("<xmlattr>.name", name);
    Tally tally;
    std::vector<ptree> testcases;
    for (const Check& check : verdict.checks) {
      if (check.kernel != group->kernel || check.load != group->load) continue;
      add(check, &tally);
      testcases.push_back(testcase_of(check, name));
    }
    set_tally(tally, &suite);
    suite.add_child("properties",
                    properties_of(*group, comparison, group_verdict.verdict, verdict.error_rates));
    for (const ptree& testcase : testcases) suite.add_child("testcase", testcase);
    suites.add_child("testsuite", suite);
  }
  ptree document;
  document.add_child("testsuites", suites);
  std::ostringstream text;
  boost::property_tree::write_xml(text, document,
                                  boost::property_tree::xml_writer_make_settings<std::string>(' ', 2));
  return text.str();
}

}  // namespace loopgate
