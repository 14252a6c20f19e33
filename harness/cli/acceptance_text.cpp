#include "cli/acceptance_text.h"

#include <fmt/format.h>

#include "base/json.h"
#include "cli/bundle_text.h"
#include "cli/commands.h"

namespace loopgate {
namespace {

using nlohmann::json;

std::string text_of(const json& value) { return printable(value.get<std::string>()); }

void print_told(const json& document, Answer* answer) {
  answer->print("Acceptance: {}\n", text_of(document.at("title")));
  for (const char* key : {"customer", "site", "tester", "serial", "firmware"})
    if (const json& value = document.at("told").at(key); value != "")
      answer->print("  {}: {}\n", key, text_of(value));
  answer->print("  board: {}\n  id: {}\n  begun {}, ended {}\n", text_of(document.at("board")),
                text_of(document.at("id")), text_of(document.at("begun")), text_of(document.at("ended")));
  const json& plan = document.at("plan");
  answer->print("  plan {}, sha256 {}\n", text_of(plan.at("file")), text_of(plan.at("sha256")));
  answer->print("  decision rule: {}\n", text_of(document.at("decision_rule")));
  if (document.at("nonce") != "") answer->print("  nonce: {}\n", text_of(document.at("nonce")));
  if (const json& earlier = document.at("predecessor"); !earlier.is_null())
    answer->print("  after acceptance {}, sha256 {}\n", text_of(earlier.at("id")),
                  text_of(earlier.at("sha256")));
}

void print_sentences(const char* head, const json& sentences, Answer* answer) {
  answer->print("{}{}\n", head, sentences.empty() ? ": none" : ":");
  for (const json& each : sentences) answer->print("  {}\n", text_of(each));
}

}  // namespace

void print_acceptance(const json& document, const std::vector<AcceptedRun>& runs, Answer* answer) {
  print_told(document, answer);
  for (const AcceptedRun& each : runs) {
    answer->print("\n{}: seed {}, {}\n  policy sha256 {}\n", printable(each.planned.name), each.run.seed,
                  name_of(each.judged.verdict.verdict), each.policy_sha256);
    print_judged(each.judged, answer);
  }
  answer->print("\n");
  print_sentences("deviations", document.at("deviations"), answer);
  print_sentences("not tested", document.at("not_tested"), answer);
}

int status_of_runs(const std::vector<AcceptedRun>& runs) {
  Verdict whole;
  whole.verdict = verdict_of(runs);
  std::vector<std::string> unreadable;
  for (const AcceptedRun& each : runs)
    for (const std::string& cell : unreadable_cells(each.judged.comparison))
      unreadable.push_back(each.planned.name + "/" + cell);
  return status_with_unreadable(unreadable, exit_status(whole));
}

}  // namespace loopgate
