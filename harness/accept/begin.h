// The folder of an acceptance, from the command line to the runs that are to be measured:
//
//   begun.json        the record (acceptance.h) of an acceptance that goes on
//   runs/NAME/        policy.toml as it was when it began, run/ as `loopgate run` writes it, verdict.json
//   acceptance.json, acceptance.lgb, acceptance.lgb.intoto.json      once it is through (finish.h)
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "accept/acceptance.h"
#include "accept/plan_file.h"
#include "base/notify.h"
#include "base/result.h"
#include "run/session.h"

namespace loopgate {

inline constexpr const char* begun_name = "begun.json";
inline constexpr const char* acceptance_bundle_name = "acceptance.lgb";

struct AcceptRequest {
  std::filesystem::path plan_file;
  std::string board = {};  // empty: the plan file's
  Told told = {};
  std::string nonce = {};            // empty: the seeds are not derived
  std::filesystem::path after = {};  // the predecessor's bundle; empty: none
  std::filesystem::path out = {};
  bool resume = false;
  bool conclude = false;  // packed although cells gave no figures; of one that was begun, what is there
  std::vector<std::string> own_folders = {};
  std::filesystem::path lab = "lab.toml";
  LoopgateVersion loopgate = {};
};

struct AcceptanceStep {
  PlannedRun planned;
  PlanRequest request;
  Session session;
};

// What is asked for, as the command line and the files that it names say it.
struct AskedAcceptance {
  AcceptanceRecord record;
  AcceptancePlan plan;
  std::vector<std::string> policies = {};  // the text of each run's
};

// The same, ready to be measured, before anything is written.
struct PlannedAcceptance : AskedAcceptance {
  std::vector<AcceptanceStep> steps;
  bool measures = true;  // else what is there is packed
};

// Reads plan file, policies and the predecessor. Usage errors: whatever is wrong with these; a policy of
// another suite, or one that demands a baseline.
Result<AskedAcceptance> read_asked(const AcceptRequest& request);

// Reads what is asked for, provides the kernels, and derives the seeds. `resolve` completes a request, as
// with files of the user's own. Usage errors: whatever is wrong with these; a policy of another clock; a
// nonce with a kernel whose image nobody knows; a clock that stands before the predecessor's end.
using ResolveRequest = std::function<Status(PlanRequest*)>;
Result<PlannedAcceptance> plan_acceptance(const AcceptRequest& request, const ResolveRequest& resolve,
                                          const Notify& notify);

std::filesystem::path run_folder_of(const std::filesystem::path& out, const PlannedRun& run);

}  // namespace loopgate
