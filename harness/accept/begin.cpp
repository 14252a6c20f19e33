#include "accept/begin.h"

#include <fmt/format.h>

#include "accept/describe.h"
#include "accept/seed.h"
#include "accept/verify_acceptance.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "base/utc_time.h"
#include "config/catalog.h"
#include "gate/policy.h"
#include "gate/policy_fit.h"
#include "stats/comparison.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

Result<std::string> read_policy_text(const AcceptRequest& request, const PlannedRun& run) {
  const fs::path file = request.plan_file.parent_path() / run.policy;
  TRY(text, read_text_file(file, ErrorKind::usage));
  TRY(policy, parse_policy(text, file.string()));
  if (policy.suite != fs::path(run.suite).filename().string())
    return fail(ErrorKind::usage,
                fmt::format("{}: is a policy of suite {}, and the plan judges {} by it", file.string(),
                            policy.suite, run.suite),
                "name a policy of that suite in the plan file");
  if (!policy.baselines.empty() && policy.baseline_required)
    return fail(ErrorKind::usage,
                fmt::format("{}: requires a baseline, and an acceptance has none", file.string()),
                "set baseline_required = false, or name a policy with budgets alone");
  if (!run.policy_sha256.empty() && sha256_of(text) != run.policy_sha256)
    return fail(ErrorKind::usage,
                fmt::format("{}: has sha256 {}, and the plan file says {}", file.string(), sha256_of(text),
                            run.policy_sha256),
                "use the policy that was agreed to");
  return text;
}

PlanRequest request_of(const AcceptRequest& request, const std::string& board, const PlannedRun& run) {
  PlanRequest made;
  made.suite = run.suite;
  made.board = board;
  made.kernels = run.kernels;
  made.loads = run.loads;
  made.samples = static_cast<int>(run.samples);
  made.repeat = static_cast<int>(run.repeat);
  made.seed = seed_without_nonce;
  made.own_folders = request.own_folders;
  made.lab = request.lab;
  return made;
}

// The plan again with the seed, which is known once the kernels are.
Status derive_seed(const std::string& nonce, const Catalog& catalog, AcceptanceStep* step) {
  if (nonce.empty()) return {};
  std::vector<std::string> images;
  const RunRecord run = step->session.describe(step->request, 1, {});
  for (const KernelInput& kernel : run.kernels) {
    if (kernel.image_sha256.empty())
      return fail(ErrorKind::usage,
                  fmt::format("--nonce: kernel {} is known by its name alone, and no seed is derived without "
                              "its image",
                              kernel.name),
                  "name a kernel with a package or an image");
    images.push_back(kernel.image_sha256);
  }
  step->request.seed = derived_seed(nonce, std::move(images));
  TRY(plan, make_plan(step->request, catalog));
  step->session.plan = std::move(plan);
  return {};
}

// All that can be known before hours are spent: what cannot judge the run gives no acceptance.
Status check_policy(const AcceptanceStep& step, const std::string& policy_toml, const std::string& file) {
  TRY(policy, parse_policy(policy_toml, file));
  const bool is_virtual = step.session.plan.board.is_virtual();
  if ((policy.time_base == TimeBase::virtual_time) == is_virtual)
    return check_fits_plan(policy, describe(step.session.describe(step.request, 1, {})));
  return fail(ErrorKind::usage,
              fmt::format("{}: is for {} time, and board {} has the other", file, name_of(policy.time_base),
                          step.session.plan.board.name),
              "name another board, or a policy for this one, in the plan file");
}

Result<AcceptanceStep> prepare_step(const AcceptRequest& request, const ResolveRequest& resolve,
                                    const AskedAcceptance& whole, std::size_t index, const Notify& notify) {
  const AcceptanceRecord& record = whole.record;
  const PlannedRun& run = whole.plan.runs[index];
  TRY(catalog, Catalog::find());
  PlanRequest asked = request_of(request, record.board, run);
  TRY_STATUS(resolve(&asked));
  TRY(plan, make_plan(asked, catalog));
  TRY(session, prepare_session(std::move(plan), catalog.root(), notify));
  AcceptanceStep step{run, std::move(asked), std::move(session)};
  TRY_STATUS(check_policy(step, whole.policies[index], run.policy));
  TRY_STATUS(derive_seed(record.nonce, catalog, &step));
  return step;
}

// A clock that stands wrong would make the later acceptance the earlier one.
Status check_clock(const AcceptanceRecord& record) {
  if (!record.predecessor) return {};
  const auto now = unix_seconds(record.begun);
  const auto ended = unix_seconds(record.predecessor->ended);
  if (now && ended && *now >= *ended) return {};
  return fail(ErrorKind::usage,
              fmt::format("the clock says {}, and the acceptance of --after ended {}", record.begun,
                          record.predecessor->ended),
              "set this machine's clock");
}

// Who reads the report must find them.
Status check_told(const Told& told) {
  for (const auto& [option, text] :
       {std::pair("--customer", told.customer), {"--site", told.site}, {"--tester", told.tester}})
    if (text.find_first_not_of(" \t\n") == std::string::npos)
      return fail(ErrorKind::usage, fmt::format("{}: is empty, and the report names it", option),
                  "say who or where it is");
  return {};
}

Result<std::string> draw_id() {
  TRY(text, read_file("/proc/sys/kernel/random/uuid"));
  return text.substr(0, text.find('\n'));
}

}  // namespace

fs::path run_folder_of(const fs::path& out, const PlannedRun& run) {
  return out / folder_of_run(run.name) / run_in_bundle;
}

Result<AskedAcceptance> read_asked(const AcceptRequest& request) {
  TRY_STATUS(check_told(request.told));
  if (!request.nonce.empty()) TRY_STATUS(check_nonce(request.nonce));
  TRY(text, read_text_file(request.plan_file, ErrorKind::usage));
  TRY(plan, parse_acceptance_plan(text, request.plan_file.string()));
  AskedAcceptance asked;
  AcceptanceRecord& record = asked.record;
  record.begun = utc_now();
  record.loopgate = request.loopgate;
  record.told = request.told;
  record.nonce = request.nonce;
  record.plan_file = request.plan_file.filename().string();
  record.plan_toml = std::move(text);
  record.board = request.board.empty() ? plan.board : request.board;
  record.attempts.push_back({record.begun});
  if (!request.after.empty()) {
    TRY(scratch, temporary_folder());
    TRY(predecessor, read_predecessor(request.after, scratch, request.loopgate));
    record.predecessor = std::move(predecessor);
  }
  for (const PlannedRun& run : plan.runs) {
    TRY(policy, read_policy_text(request, run));
    asked.policies.push_back(std::move(policy));
  }
  asked.plan = std::move(plan);
  return asked;
}

Result<PlannedAcceptance> plan_acceptance(const AcceptRequest& request, const ResolveRequest& resolve,
                                          const Notify& notify) {
  TRY(asked, read_asked(request));
  TRY_STATUS(check_clock(asked.record));
  TRY(id, draw_id());
  asked.record.id = std::move(id);
  PlannedAcceptance planned{std::move(asked), {}};
  for (std::size_t i = 0; i < planned.plan.runs.size(); ++i) {
    TRY(step, prepare_step(request, resolve, planned, i, notify));
    planned.steps.push_back(std::move(step));
  }
  return planned;
}

}  // namespace loopgate
