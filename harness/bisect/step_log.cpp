#include "bisect/step_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"

namespace loopgate {
namespace {

std::int64_t as_number(std::size_t change) { return static_cast<std::int64_t>(change); }

}  // namespace

Result<StepLog> StepLog::open(const std::filesystem::path& folder, BisectRecord beginning) {
  StepLog log(folder / bisect_file, std::move(beginning));
  std::error_code ignored;
  if (!std::filesystem::exists(log.file_, ignored)) return log;
  TRY(text, read_file(log.file_, ErrorKind::data));
  TRY(earlier, parse_bisect_record(text, log.file_.string()));
  if (earlier.inputs_sha256 != log.record_.inputs_sha256)
    return fail(ErrorKind::usage,
                fmt::format("{} holds another bisection: of {} and {} by {}, or of other samples or seeds",
                            folder.string(), earlier.good.name, earlier.bad.name, earlier.policy.name),
                "give the same files and options, or name another folder with --out");
  log.record_.steps = std::move(earlier.steps);
  return log;
}

const BisectStep* StepLog::of_trial(const Trial& trial) const {
  const auto found = std::ranges::find_if(record_.steps, [&](const BisectStep& step) {
    return std::ranges::equal(step.changes, trial.changes, std::equal_to<>(), {}, as_number) &&
           step.commit == trial.commit && step.reverted == trial.reverted;
  });
  return found == record_.steps.end() ? nullptr : &*found;
}

const BisectStep* StepLog::of_kernel(const std::string& kernel_sha256) const {
  const auto found = std::ranges::find_if(record_.steps, [&](const BisectStep& step) {
    return !kernel_sha256.empty() && step.same_as.empty() && step.kernel_sha256 == kernel_sha256;
  });
  return found == record_.steps.end() ? nullptr : &*found;
}

std::string StepLog::next_name() const {
  const auto between = std::ranges::count_if(record_.steps, [](const BisectStep& step) {
    return !step.name.empty() && step.name.front() >= '0' && step.name.front() <= '9';
  });
  return std::to_string(between + 1);
}

Status StepLog::add(BisectStep step) {
  record_.steps.push_back(std::move(step));
  return write();
}

Status StepLog::finish(BisectAnswer answer) {
  record_.answer = std::move(answer);
  return write();
}

Status StepLog::write() const { return write_file_atomically(file_, to_json(record_)); }

}  // namespace loopgate
