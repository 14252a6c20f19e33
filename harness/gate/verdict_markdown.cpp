#include "gate/verdict_markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "gate/comparison_table.h"
#include "gate/program_table.h"
#include "gate/verdict_text.h"

namespace loopgate {
namespace {

constexpr std::size_t size_max = 900'000;  // bytes; job summaries end at 1 MiB
constexpr std::size_t why_max = 2'000;     // bytes of one sentence: a console line can be long

// One line that can stand in a table's cell and starts no markup.
std::string escaped_markdown(const std::string& text) {
  std::string safe;
  for (const char c : printable(text)) {
    if (c == '<') {
      safe += "&lt;";
    } else if (c == '&') {
      safe += "&amp;";
    } else {
      if (std::string_view("\\`*_[]|#~").find(c) != std::string_view::npos) safe += '\\';
      safe += c;
    }
  }
  return safe;
}

std::string shortened(const std::string& text) {
  if (text.size() <= why_max) return text;
  return printable(std::string_view(text).substr(0, why_max)) + " ...";
}

std::string row_of(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + escaped_markdown(cell) + " |";
  return line + "\n";
}

std::string table_of(const Verdict& verdict, const Comparison& comparison, const std::string& load) {
  const bool decisions = has_decisions(comparison);
  std::vector<std::string> head = {"kernel"};
  for (std::string& column : table_columns(decisions)) head.push_back(std::move(column));
  head.emplace_back("verdict");
  std::string text =
      fmt::format("\n### load {}: {}\n\n", escaped_markdown(load), stimuli_each_text(comparison, load));
  text += row_of(head) + "|---|";
  for (std::size_t i = 0; i < table_columns(decisions).size(); ++i) text += "--:|";
  text += "---|\n";
  for (const GroupVerdict& each : verdict.groups) {
    const GroupEvidence* group = each.load == load ? find_group(comparison, each.kernel, each.load) : nullptr;
    if (group == nullptr) continue;
    std::vector<std::string> row = {each.kernel};
    for (std::string& cell : table_cells(*group, decisions)) row.push_back(std::move(cell));
    row.emplace_back(name_of(each.verdict));
    text += row_of(row);
  }
  for (const std::string& note : table_notes(comparison, load))  // "- " would begin a list
    text += fmt::format("\n{}{}\n", note.starts_with('-') ? "\\" : "", escaped_markdown(note));
  return text;
}

std::string program_table_of(const Verdict& verdict, const Comparison& comparison, const std::string& load) {
  std::string text =
      fmt::format("\n### load {}: {}\n\n", escaped_markdown(load), programs_text(comparison, load));
  bool is_head = true;
  for (const auto& row : program_rows(comparison, load, &verdict)) {
    text += row_of(row);
    if (!std::exchange(is_head, false)) continue;
    text += "|";
    for (std::size_t i = 0; i < row.size(); ++i) text += "---|";
    text += "\n";
  }
  return text;
}

std::string ranks_text(const std::vector<RankedKernel>& ranks) {
  std::string text;
  for (const RankedKernel& each : ranks)
    text += fmt::format("{}{} {}", text.empty() ? "" : " < ", each.kernel,
                        us_text(static_cast<std::int64_t>(each.ns)));
  return text;
}

std::string order_section(const KernelRanking& order) {
  std::string text = fmt::format(
      "\n### The order of the kernels: virtual bench and board\n\nThe virtual run is {}. The figures differ "
      "by "
      "nature; their order is what is held against each other, and it changes no verdict.\n\n",
      escaped_markdown(order.virtual_run));
  text += order.orders.empty()
              ? fmt::format("There is none: {}.\n", nothing_to_rank)
              : row_of({"load", "by", "virtual", "board", "order"}) + "|---|---|---|---|---|\n";
  for (const LoadRanking& each : order.orders)
    text += row_of({each.load, label_of(each.quantity), ranks_text(each.in_virtual_time),
                    ranks_text(each.on_board), agreement_text(each)});
  for (const LeftOut& each : order.left_out)
    text += fmt::format("\nLeft out: {} × {} {}\n", escaped_markdown(each.kernel),
                        escaped_markdown(each.load), escaped_markdown(shortened(each.why)));
  return text;
}

std::string check_line(const Check& check) {
  return fmt::format("- **{}** {} × {}: {}: {}\n", name_of(check.verdict), escaped_markdown(check.kernel),
                     escaped_markdown(check.load), escaped_markdown(demand_text(check)),
                     escaped_markdown(shortened(check.why)));
}

// As many as have room.
std::string passed_section(const Verdict& verdict, std::size_t room) {
  std::string text;
  for (const Check& check : verdict.checks) {
    if (check.verdict != VerdictKind::pass) continue;
    const std::string line =
        fmt::format("- {} × {}: {}\n", escaped_markdown(check.kernel), escaped_markdown(check.load),
                    escaped_markdown(shortened(passed_text(check, verdict.confidence))));
    if (text.size() + line.size() > room / 2) break;
    text += line;
  }
  return text.empty() ? text : "\nPassed:\n\n" + text;
}

}  // namespace

std::string to_markdown(const Verdict& verdict, const Comparison& comparison) {
  std::string text = fmt::format("## {}: {}\n\nsuite {} · board {} · {} · policy {}",
                                 name_of(verdict.verdict), escaped_markdown(verdict.policy_title),
                                 escaped_markdown(verdict.suite), escaped_markdown(verdict.board),
                                 time_base_text(comparison), escaped_markdown(verdict.policy_file));
  if (verdict.baseline) text += " · baseline " + escaped_markdown(*verdict.baseline);
  text += "\n";
  if (!verdict.guard_band.empty()) text += "\n" + escaped_markdown(verdict.guard_band) + "\n";
  if (!verdict.error_rates.empty()) text += "\n" + escaped_markdown(verdict.error_rates) + "\n";
  for (const NamedInput& load : comparison.loads) {
    if (text.size() > size_max / 2) break;
    if (!comparison.has_programs_alone()) text += table_of(verdict, comparison, load.name);
    if (!comparison.programs.empty()) text += program_table_of(verdict, comparison, load.name);
  }
  const auto passed = std::count_if(verdict.checks.begin(), verdict.checks.end(),
                                    [](const Check& check) { return check.verdict == VerdictKind::pass; });
  text += fmt::format("\n{} of {} checks passed.\n\n", passed, verdict.checks.size());
  std::size_t left_out = 0;
  for (const Check& check : verdict.checks) {
    if (check.verdict == VerdictKind::pass || !check.left_out.empty()) continue;
    const std::string line = check_line(check);
    if (text.size() + line.size() > size_max) {
      ++left_out;
    } else {
      text += line;
    }
  }
  if (const std::string line = left_out_text(verdict); !line.empty()) text += "- " + escaped_markdown(line);
  if (!verdict.next_step.empty())
    text += fmt::format("\n{}\n", escaped_markdown(shortened(verdict.next_step)));
  text += passed_section(verdict, size_max - std::min(size_max, text.size()));
  for (const std::string& remark : verdict.remarks) text += "\n" + escaped_markdown(remark) + "\n";
  if (verdict.order && text.size() < size_max) text += order_section(*verdict.order);
  if (left_out > 0) text += fmt::format("\n{} more checks did not pass: see verdict.json.\n", left_out);
  return text;
}

}  // namespace loopgate
