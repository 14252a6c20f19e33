#include "gate/recorded_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/json_reader.h"
#include "gate/verdict.h"
#include "record/seal.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* gate_again = "run `loopgate gate` on this folder again";

constexpr std::array kinds = {VerdictKind::pass, VerdictKind::fail, VerdictKind::invalid,
                              VerdictKind::inconclusive, VerdictKind::not_gated};

void read_verdict(JsonReader* reader, std::string* verdict) {
  reader->required("verdict", verdict);
  if (std::ranges::none_of(kinds, [&](VerdictKind kind) { return *verdict == name_of(kind); }))
    reader->refuse("verdict", "is no verdict");
}

VerdictKind kind_named(const std::string& name) {
  return *std::ranges::find(kinds, name, [](VerdictKind kind) { return std::string(name_of(kind)); });
}

bool is_failure(const std::string& verdict) { return verdict == name_of(VerdictKind::fail); }

std::string why_of_another(const RecordedVerdict& verdict, const Comparison& run) {
  const auto differs = [](const char* what, const std::string& theirs, const std::string& ours) {
    return theirs == ours ? std::string()
                          : fmt::format("is of the {} {}, and the run of {}", what, theirs, ours);
  };
  for (const std::string& why :
       {differs("suite", verdict.suite, run.suite.name), differs("board", verdict.board, run.board.name),
        differs("time base", verdict.time_base, name_of(run.time_base))})
    if (!why.empty()) return why;
  for (const GroupEvidence& group : run.groups)
    if (!verdict.groups.contains({group.kernel, group.load}))
      return fmt::format("does not judge kernel {} under load {}", group.kernel, group.load);
  for (const auto& [group, ignored] : verdict.groups)
    if (find_group(run, group.first, group.second) == nullptr)
      return fmt::format("judges kernel {} under load {}, which the run has not", group.first, group.second);
  return {};
}

// A failed kernel outranks what is INVALID, and a whole of which nothing was gated is INCONCLUSIVE.
std::string why_too_soft(const RecordedVerdict& verdict) {
  VerdictKind worst = VerdictKind::not_gated;
  bool any_failed = false;
  for (const auto& [group, name] : verdict.groups) {
    worst = std::max(worst, kind_named(name));
    any_failed |= is_failure(name);
  }
  if (worst == VerdictKind::not_gated) worst = VerdictKind::inconclusive;
  const bool is_soft = kind_named(verdict.verdict) < worst && !(any_failed && is_failure(verdict.verdict));
  return is_soft ? fmt::format("says {}, and what it judges comes to {}", verdict.verdict, name_of(worst))
                 : std::string();
}

}  // namespace

Result<RecordedVerdict> parse_recorded_verdict(std::string_view text, const std::string& name) {
  RecordedVerdict read;
  TRY(reader, JsonReader::parse(text, name, JsonReader::file()));
  read_verdict(&reader, &read.verdict);
  JsonReader policy = reader.object("policy");
  policy.required("title", &read.policy);
  reader.required("suite", &read.suite);
  reader.required("board", &read.board);
  reader.required("time_base", &read.time_base);
  reader.required("evidence_sha256", &read.evidence_sha256);
  reader.optional("worst_case_sha256", &read.worst_case_sha256);
  for (JsonReader& check : reader.objects("checks")) {
    std::string quantity;
    check.required("quantity", &quantity);
    read.judges_worst_case |= find_worst_case_quantity(quantity) != nullptr;
  }
  for (JsonReader& group : reader.objects("groups")) {
    std::string kernel;
    std::string load;
    group.required("kernel", &kernel);
    group.required("load", &load);
    std::string verdict;
    read_verdict(&group, &verdict);
    if (!read.groups.emplace(std::pair(kernel, load), verdict).second)
      group.refuse("kernel", "is judged twice under this load");
  }
  TRY_STATUS(reader.finish());
  return read;
}

bool has_failed_kernel(const GroupEvidence& group) {
  return std::ranges::any_of(group.invalid, &UnmeasuredCell::kernel_failed);
}

std::string why_not_of(const RecordedVerdict& verdict, const Comparison& run, const std::string& evidence) {
  if (std::string why = why_of_another(verdict, run); !why.empty()) return why;
  if (verdict.evidence_sha256 != evidence)
    return "is not of what is measured here: it was copied from another run, or a cell has changed since";
  if (verdict.judges_worst_case && verdict.worst_case_sha256 != run.worst_case_sha256)
    return "judges a bound or a hunt that has changed since";
  for (const GroupEvidence& group : run.groups) {
    if (!has_failed_kernel(group)) continue;
    const std::string& judged = verdict.groups.at({group.kernel, group.load});
    if (!is_failure(judged) || !is_failure(verdict.verdict))
      return fmt::format("says {} of kernel {} under load {} and {} of all, and the kernel failed", judged,
                         group.kernel, group.load, verdict.verdict);
  }
  return why_too_soft(verdict);
}

Result<std::optional<RecordedVerdict>> read_recorded_verdict(const fs::path& folder, const Comparison& run,
                                                             const std::string& evidence) {
  std::error_code ignored;
  const fs::path file = folder / "verdict.json";
  if (!fs::exists(file, ignored)) return std::nullopt;
  TRY(text, read_file(file, ErrorKind::data));
  auto verdict = parse_recorded_verdict(text, file.string());
  if (!verdict) return fail(ErrorKind::data, verdict.error().what, gate_again);
  TRY_STATUS(check_seal(text, file.string(), gate_again));
  if (const std::string why = why_not_of(*verdict, run, evidence); !why.empty())
    return fail(ErrorKind::data, fmt::format("{}: {}", file.string(), why), gate_again);
  return *std::move(verdict);
}

}  // namespace loopgate
