// acceptance.json: one acceptance, for whoever reads it without the rest, such as its page.
//
// Told or noted, which nobody can compute again:
//
// - format: 1
// - id: a UUID, drawn when it began
// - begun, ended: UTC; `ended` is when its bundle was made
// - loopgate: {version, commit} that packed it
// - told: {customer, site, tester, serial, firmware}, as the command line says; "" where it does not
// - nonce: the customer's; "" without one
// - predecessor: null, or {id, sha256, ended} of the earlier bundle that this one comes after
// - plan: {file, sha256, toml}, the plan file
// - board: that was measured on
// - modified: [sentence], what of suites, loads, policies and loopgate is not as it is released, as the
// loopgate
//   that packed it knows them; another release knows others. Not there in a bundle of before it was noted
// - attempts: [{begun, ended, measured_again: [{run, cell, reason}]}]; `ended` is "" where it was cut off;
//   one that is not the last and has an end left no bundle, as with cells that gave no figures
//
// Computed of the above and of the runs, by who packs it and by who verifies it:
//
// - title, decision_rule, agreed, signatures {wanted, of}: the plan's
// - verdict: PASS, FAIL, INCONCLUSIVE or INVALID: FAIL where a kernel failed, else the worst of the runs'
// - item: {board, title, emulator, time_base, machine} of what was measured; `machine` is in words
// - kernels: [{run, name, title, package, version, release, image_sha256, command_line, arguments,
//   tuning: [{by, kind, asked, became, read_back}]}]; `tuning` is what was read back of it
// - runs: [{name, folder, suite, title, policy: {sha256, title}, confidence, seed, started, cells, samples
//   (counted stimuli of each cell), kernels, loads, verdict, remarks, groups: [{kernel, load, verdict,
//   quantile_intervals_ns}]}]; `folder` has run/, policy.toml and verdict.json. The intervals are {p50: [low,
//   high], ...}, or null without single samples: between which latencies the quantile lies at the confidence
//   (gate/quantile_interval.h); `high` is null where it has no end, and an interval where there is none. Not
//   there in a bundle of before they were computed
// - deviations, not_tested: [sentence]
//
// The latencies, checks and pictures are those of each run's folder: verdict.json in `folder`, and the run in
// `folder`/run, which `loopgate stats` and `report` read as any other.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/run_record.h"

namespace loopgate {

inline constexpr int acceptance_format = 1;
inline constexpr const char* acceptance_name = "acceptance.json";

struct Told {
  std::string customer = {};
  std::string site = {};
  std::string tester = {};
  std::string serial = {};
  std::string firmware = {};
  bool operator==(const Told&) const = default;
};

struct Predecessor {
  std::string id;
  std::string sha256;
  std::string ended;
  bool operator==(const Predecessor&) const = default;
};

// A cell of which something was there that did not stand, as an end that is no measurement or an altered
// file, and that was begun again.
struct MeasuredAgain {
  std::string run;
  std::string cell;
  std::string reason;
};

struct Attempt {
  std::string begun;
  std::string ended = {};
  std::vector<MeasuredAgain> measured_again = {};
};

// What nobody can compute again.
struct AcceptanceRecord {
  std::string id;
  std::string begun;
  std::string ended = {};
  LoopgateVersion loopgate;
  Told told;
  std::string nonce;
  std::optional<Predecessor> predecessor;
  std::string plan_file;  // its name, without folders
  std::string plan_toml;
  std::string board;
  std::vector<Attempt> attempts;
  std::optional<std::vector<std::string>> modified = {};
};

// An object with the keys of the record alone.
nlohmann::json json_of(const AcceptanceRecord& record);
std::string to_text(const nlohmann::json& acceptance);

// The record of an acceptance.json, or of such an object alone. A data error that names the key: of a newer
// format, damaged, a plan whose text is not the one that was hashed, a time that is none.
Result<AcceptanceRecord> parse_acceptance_record(std::string_view text, const std::string& name);

}  // namespace loopgate
