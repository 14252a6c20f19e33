#include "audit/text_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "audit/text_parts.h"

namespace loopgate {
namespace {

constexpr std::size_t screen_width = 100;
constexpr std::size_t mark_width = 11;
constexpr std::size_t title_width = 38;

// `head`, then the words; continuation lines are indented by the head's width.
std::string wrapped(const std::string& head, std::string_view text) {
  std::string all = head;
  std::size_t column = head.size();
  bool fresh = true;
  for (const std::string_view word : words_of(text)) {
    if (!fresh && column + 1 + word.size() > screen_width) {
      all += "\n" + std::string(head.size(), ' ');
      column = head.size();
      fresh = true;
    }
    if (!fresh) all += ' ';
    all += word;
    column += word.size() + (fresh ? 0 : 1);
    fresh = false;
  }
  return all + "\n";
}

std::string part(const char* name, const std::string& text) {
  return wrapped(fmt::format("{:{}}{:<10}", "", mark_width + 2, name), text);
}

std::string line(const char* mark, const AuditFinding& finding) {
  return wrapped(fmt::format("  {:<{}}{:<{}}", mark, mark_width, finding.title, title_width), finding.seen);
}

std::string describe(const AuditFinding& finding) {
  switch (finding.judgement) {
    case Judgement::good:
      return line("good", finding);
    case Judgement::attention:
      return line("ATTENTION", finding) + part("read", finding.from) + part("expected", finding.expected) +
             part("why", finding.why) + part("change", finding.change);
    case Judgement::unknown:
      return line("unknown", finding) + part("expected", finding.expected) + part("change", finding.change);
    case Judgement::not_applicable:
      break;  // listed together at the end of the group
  }
  return "";
}

// The findings that do not apply, grouped by reason.
using Reasons = std::vector<std::pair<std::string, std::vector<std::string>>>;

void add_reason(const AuditFinding& finding, Reasons* reasons) {
  const std::string reason = finding.seen.ends_with(" does not exist") ? "does not exist here" : finding.seen;
  auto known =
      std::find_if(reasons->begin(), reasons->end(), [&](const auto& one) { return one.first == reason; });
  if (known == reasons->end()) known = reasons->insert(reasons->end(), {reason, {}});
  known->second.push_back(finding.title);
}

std::string group_text(const Audit& audit, const std::string& group) {
  std::string text = "\n" + group + "\n";
  Reasons reasons;
  for (const AuditFinding& finding : audit.findings) {
    if (finding.group != group) continue;
    text += describe(finding);
    if (finding.judgement == Judgement::not_applicable) add_reason(finding, &reasons);
  }
  for (const auto& [reason, titles] : reasons)
    text += wrapped(fmt::format("  {:<{}}", "-", mark_width),
                    fmt::format("{}: {}", fmt::join(titles, ", "), reason));
  return text;
}

std::string parameter_text(const AuditParameter& parameter) {
  const std::string head = fmt::format("  {:<20}", parameter.name);
  if (parameter.value.empty())
    return wrapped(head, fmt::format("not given ({}): --set {}=...", parameter.title, parameter.name));
  const std::string source = parameter.source == "given"   ? ""
                             : parameter.source == "rules" ? ", default of the rules"
                                                           : ", from " + parameter.source;
  return wrapped(head, fmt::format("{} ({}{})", parameter.value, parameter.title, source));
}

}  // namespace

std::string summary_of(const Audit& audit) {
  std::vector<std::string> parts;
  for (const Judgement judgement :
       {Judgement::good, Judgement::attention, Judgement::unknown, Judgement::not_applicable})
    parts.push_back(fmt::format("{} {}", audit.count(judgement), name_of(judgement)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string to_text(const Audit& audit) {
  std::string text;
  for (const auto& [name, value] : audit.machine) text += wrapped(fmt::format("  {:<20}", name), value);
  for (const AuditParameter& parameter : audit.parameters) text += parameter_text(parameter);
  std::vector<std::string> groups;
  for (const AuditFinding& finding : audit.findings) {
    if (std::find(groups.begin(), groups.end(), finding.group) == groups.end())
      groups.push_back(finding.group);
  }
  for (const std::string& group : groups) text += group_text(audit, group);
  return text + "\n" + summary_of(audit) + "\n";
}

}  // namespace loopgate
