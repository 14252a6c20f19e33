#include "doctor/planted_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/file.h"
#include "base/json.h"
#include "base/process.h"
#include "base/scratch_dir.h"
#include "base/temporary_folder.h"
#include "record/seal.h"
#include "stats/evidence_digest.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr std::chrono::seconds call_limit{600};
constexpr int places_in_a_bundle = 16;
constexpr std::array files_of_a_cell = {"samples.lgs", "outcome.json", "evidence.json"};
enum Exit { pass = 0, fails = 1, usage = 2, invalid = 3 };

// What it complained of, and then each check of a verdict that did not pass.
Strings complaints_of(const ProcessResult& done) {
  Strings complaints;
  std::istringstream errors(done.errors);
  for (std::string line; std::getline(errors, line);) complaints.push_back(line);
  std::istringstream output(done.output);
  for (std::string line; std::getline(output, line);)
    if (line.find(": FAIL: ") != std::string::npos || line.find(": INVALID: ") != std::string::npos)
      complaints.push_back(line);
  return complaints;
}

// The one that names what was planted, or else the first.
std::string reason_in(const ProcessResult& done, const std::string& must_name) {
  const Strings complaints = complaints_of(done);
  const auto named = std::ranges::find_if(
      complaints, [&](const std::string& line) { return line.find(must_name) != std::string::npos; });
  return named != complaints.end() ? *named : complaints.empty() ? std::string() : complaints.front();
}

// What is planted, and what must come of it.
struct Planted {
  std::string name;
  std::string what;
  int exit = invalid;
  std::string must_name = {};
};

// One run in a scratch folder, and the program that is tested on it.
class Bench {
 public:
  Bench(fs::path scratch, fs::path original, std::string cell, std::string program, const RunRecord& record,
        SelfTest* test, const std::function<void(const SelfTestCheck&)>& on_check)
      : scratch_(std::move(scratch)),
        original_(std::move(original)),
        cell_(std::move(cell)),
        program_(std::move(program)),
        record_(record),
        test_(test),
        on_check_(on_check) {}

  fs::path run() const { return scratch_ / "run"; }
  fs::path bundle() const { return scratch_ / "a.lgb"; }
  fs::path policy() const { return scratch_ / "policy.toml"; }
  const std::string& cell() const { return cell_; }  // the one that faults are planted in
  fs::path cell_folder() const { return run() / "cells" / cell_; }

  // A copy of the run without what was derived from it, and a policy with this budget. It counts samples: of
  // a board's run of few boots, replicates would decide nothing.
  Status restore(const std::string& budget, const std::string& suite = {}) const {
    std::error_code error;
    fs::remove_all(run(), error);
    fs::create_directories(run(), error);
    fs::copy_file(original_ / "run.json", run() / "run.json", error);
    if (!error) fs::copy(original_ / "cells", run() / "cells", fs::copy_options::recursive, error);
    if (error) return fail(ErrorKind::infrastructure, run().string() + ": " + error.message());
    return write_file_atomically(
        policy(),
        fmt::format("title = \"self-test\"\nsuite = \"{}\"\ntime_base = \"{}\"\ncount = \"samples\"\n"
                    "min_stimuli = 1\n[[budget]]\nkernel = \"*\"\nload = \"*\"\n{}\n",
                    suite.empty() ? record_.suite.name : suite, name_of(record_.time_base), budget));
  }

  void expect(const Planted& planted, Strings arguments) const {
    arguments.insert(arguments.begin(), program_);
    const auto done = run_program(arguments, call_limit);
    if (!done) return miss(planted, done.error().what);
    note(planted, done->exit_status, reason_in(*done, planted.must_name));
  }
  // It could not even be planted, since what comes before it left nothing to plant it in.
  void miss(const Planted& planted, const std::string& why) const { note(planted, -1, why); }
  void expect_gate(const Planted& planted) const {
    expect(planted, {"gate", run().string(), "--policy", policy().string()});
  }
  void expect_report(const Planted& planted) const { expect(planted, {"report", run().string()}); }
  void expect_verify(const Planted& planted) const { expect(planted, {"verify", bundle().string()}); }

 private:
  void note(const Planted& planted, int exit, const std::string& said) const {
    const SelfTestCheck check{planted.name, planted.what, planted.exit, planted.must_name, exit, said};
    test_->checks.push_back(check);
    on_check_(check);
  }

  fs::path scratch_, original_;
  std::string cell_;
  std::string program_;
  const RunRecord& record_;
  SelfTest* test_;
  const std::function<void(const SelfTestCheck&)>& on_check_;
};

constexpr const char* lenient = "unanswered = 0";
constexpr const char* strict = "max_us = 1";

Status change_byte(const fs::path& file, double place) {
  TRY(bytes, read_file(file));
  if (bytes.empty()) return fail(ErrorKind::usage, file.string() + ": is empty");
  const auto at = static_cast<std::size_t>(static_cast<double>(bytes.size() - 1) * place);
  bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ 1U);
  return write_file_atomically(file, bytes);
}

// verdict.json with this key another, and sealed anew, as somebody does who knows how.
std::string resealed(const std::string& verdict, const std::string& key, const std::string& value) {
  auto document = parse_json<nlohmann::ordered_json>(verdict);
  if (!document.is_object()) return verdict;
  document.erase("sha256");
  document[key] = value;
  return with_seal(document.dump(2) + "\n");
}

// Of a run that failed its budget. What `report` must name tells which of its checks found it out.
Status test_softer_verdicts(const Bench& bench) {
  const fs::path file = bench.run() / "verdict.json";
  const auto verdict = read_file(file);
  const std::string whole = verdict ? *verdict : std::string();
  std::string softer = whole;
  for (auto at = softer.find("\"FAIL\""); at != std::string::npos; at = softer.find("\"FAIL\""))
    softer.replace(at, 6, "\"PASS\"");
  const std::string of_another(64, '0');
  const std::pair<Planted, std::string> forged[] = {
      {{"softer-verdict", "each FAIL in verdict.json became a PASS", invalid, "verdict.json: was altered"},
       softer},
      {{"sealed-softer-verdict", "verdict.json says PASS of kernels that failed, and is sealed anew", invalid,
        "verdict.json: says PASS"},
       resealed(whole, "verdict", "PASS")},
      {{"another-runs-verdict", "verdict.json is of another run's evidence, and sealed anew", invalid,
        "verdict.json: is not of what is measured here"},
       resealed(whole, "evidence_sha256", of_another)}};
  for (const auto& [planted, text] : forged) {
    if (!verdict) {
      bench.miss(planted, verdict.error().what);
      continue;
    }
    TRY_STATUS(write_file_atomically(file, text));
    bench.expect_report(planted);
  }
  return {};
}

Status test_verdicts(const Bench& bench) {
  TRY_STATUS(bench.restore(lenient));
  bench.expect_gate({"sound-run", "nothing: in a sound run every stimulus was answered", pass});
  bench.expect_report({"sound-report", "nothing: a sound run is drawn", pass});
  TRY_STATUS(bench.restore(strict));
  bench.expect_gate({"broken-budget", "a budget of 1 us, which no kernel meets", fails, "max at most 1 us"});
  TRY_STATUS(test_softer_verdicts(bench));
  TRY_STATUS(bench.restore(lenient, "another-suite"));
  bench.expect_gate({"other-policy", "the policy is of another suite", usage, "another-suite"});
  TRY_STATUS(bench.restore("max_ms = 1\nunanswered = 0"));
  bench.expect_gate({"unknown-limit", "the policy has a limit that nobody knows", usage, "max_ms"});
  return {};
}

Status test_evidence(const Bench& bench) {
  for (const std::string file : files_of_a_cell) {
    TRY_STATUS(bench.restore(lenient));
    TRY_STATUS(change_byte(bench.cell_folder() / file, 0.5));
    bench.expect_gate({"altered-" + file, "one bit of a cell's file is another", invalid, file});
    TRY_STATUS(bench.restore(lenient));
    std::error_code error;
    fs::remove(bench.cell_folder() / file, error);
    bench.expect_gate({"missing-" + file, "a cell's file is gone", invalid, file});
  }
  TRY_STATUS(bench.restore(lenient));
  std::error_code error;
  fs::remove_all(bench.cell_folder(), error);
  bench.expect_gate({"missing-cell", "a whole cell is gone", invalid, bench.cell()});
  return {};
}

Status test_bundles(const Bench& bench) {
  TRY_STATUS(bench.restore(lenient));
  bench.expect({"sound-pack", "nothing: a sound run is packed", pass},
               {"bundle", bench.run().string(), "--policy", bench.policy().string(), "--out",
                bench.bundle().string()});
  bench.expect_verify({"sound-bundle", "nothing: its bundle is as it was packed", pass});
  const std::string name = bench.bundle().filename().string();
  const Planted altered{"altered-bundle", "one bit of the bundle is another", invalid, name};
  const auto whole = read_file(bench.bundle());
  if (!whole) {
    bench.miss(altered, whole.error().what);
    return {};
  }
  for (int i = 0; i < places_in_a_bundle; ++i) {
    TRY_STATUS(write_file_atomically(bench.bundle(), *whole));
    TRY_STATUS(change_byte(bench.bundle(), static_cast<double>(i) / (places_in_a_bundle - 1)));
    bench.expect_verify({fmt::format("{}-{}", altered.name, i + 1), altered.what, altered.exit, name});
  }
  TRY_STATUS(write_file_atomically(bench.bundle(), whole->substr(0, whole->size() / 2)));
  bench.expect_verify({"short-bundle", "half of the bundle is gone", invalid, name});
  TRY_STATUS(write_file_atomically(bench.bundle(), *whole + '\0'));
  bench.expect_verify({"long-bundle", "the bundle has one byte more", invalid, name});
  return {};
}

// The first cell with a file for each fault.
Result<std::string> cell_to_plant_in(const fs::path& run, const RunRecord& record) {
  if (record.has_programs_alone())
    return fail(ErrorKind::usage,
                run.string() + ": its programs measured by themselves, and it has no samples",
                "name the folder of a run of a suite that is measured from outside, such as irq-to-gpio");
  for (const DescribedCell& cell : record.cells)
    if (std::ranges::all_of(files_of_a_cell, [&](const char* file) {
          std::error_code error;
          const auto size = fs::file_size(run / "cells" / cell.name / file, error);
          return !error && size > 0;
        }))
      return cell.name;
  return fail(ErrorKind::usage, run.string() + ": no cell has samples.lgs, outcome.json and evidence.json",
              "name the folder of a run that was measured");
}

// Of "runs/today", "runs/today/" and ".", too.
std::string folder_name_of(const fs::path& run) {
  std::error_code ignored;
  const fs::path whole = fs::weakly_canonical(run, ignored);
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

}  // namespace

Result<SelfTest> self_test(const fs::path& run, const std::string& program,
                           const std::function<void(const SelfTestCheck&)>& on_check) {
  auto record = read_run_record(run);
  if (!record)
    return fail(ErrorKind::usage, record.error().what, "name the folder of a run that was measured");
  TRY(cell, cell_to_plant_in(run, *record));
  TRY(statistics, run_statistics(run));
  TRY(temporary, temporary_folder());
  TRY(scratch, ScratchDir::create(temporary, "self-test"));
  SelfTest test{folder_name_of(run),
                evidence_sha256(statistics),
                record->suite.name,
                record->board.name,
                std::string(name_of(record->time_base)),
                {}};
  const Bench bench(scratch.path(), run, cell, program, *record, &test, on_check);
  TRY_STATUS(test_verdicts(bench));
  TRY_STATUS(test_evidence(bench));
  TRY_STATUS(test_bundles(bench));
  return test;
}

}  // namespace loopgate
