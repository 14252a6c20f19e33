#include "cost/cost_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"

namespace loopgate {
namespace {

bool is_between(const CostStep& step) {
  return !step.name.empty() && step.name[0] >= '0' && step.name[0] <= '9';
}

std::int64_t as_number(std::size_t change) { return static_cast<std::int64_t>(change); }

template <class Is>
std::optional<std::size_t> number_of(const std::vector<CostStep>& steps, const Is& is) {
  const auto found = std::ranges::find_if(steps, is);
  if (found == steps.end()) return std::nullopt;
  return static_cast<std::size_t>(found - steps.begin());
}

}  // namespace

Result<CostLog> CostLog::open(const std::filesystem::path& folder, CostRecord beginning) {
  CostLog log(folder / cost_file, std::move(beginning));
  std::error_code ignored;
  if (!std::filesystem::exists(log.file_, ignored)) return log;
  TRY(text, read_file(log.file_, ErrorKind::data));
  TRY(earlier, parse_cost_record(text, log.file_.string()));
  if (earlier.inputs_sha256 != log.record_.inputs_sha256)
    return fail(
        ErrorKind::usage,
        fmt::format("{} holds another cost: from {} to {} by {}, or of other samples, options or seeds",
                    folder.string(), earlier.from.name, earlier.to.name, earlier.by),
        "give the same files and options, or name another folder with --out");
  log.record_.steps = std::move(earlier.steps);
  return log;
}

std::optional<std::size_t> CostLog::of_name(const std::string& name) const {
  return number_of(record_.steps, [&](const CostStep& step) { return step.name == name; });
}

std::optional<std::size_t> CostLog::of_changes(const ChangeSet& changes) const {
  return number_of(record_.steps, [&](const CostStep& step) {
    return is_between(step) && std::ranges::equal(step.changes, changes, {}, {}, as_number);
  });
}

std::optional<std::size_t> CostLog::of_kernel(const std::string& kernel_sha256) const {
  return number_of(record_.steps, [&](const CostStep& step) {
    return !kernel_sha256.empty() && step.same_as.empty() && step.measured &&
           step.kernel_sha256 == kernel_sha256;
  });
}

std::string CostLog::next_name() const {
  return std::to_string(std::ranges::count_if(record_.steps, is_between) + 1);
}

std::size_t CostLog::tried_between() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      record_.steps, [](const CostStep& step) { return is_between(step) && step.same_as.empty(); }));
}

Result<std::size_t> CostLog::add(CostStep step) {
  record_.steps.push_back(std::move(step));
  TRY_STATUS(write());
  return record_.steps.size() - 1;
}

Status CostLog::finish(CostRecord result) {
  result.steps = std::move(record_.steps);
  record_ = std::move(result);
  return write();
}

Status CostLog::write() const { return write_file_atomically(file_, to_json(record_)); }

}  // namespace loopgate
