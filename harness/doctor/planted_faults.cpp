#include "doctor/planted_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/file.h"
#include "base/process.h"
#include "base/scratch_dir.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr std::chrono::seconds call_limit{600};
constexpr int places_in_a_bundle = 16;
enum Exit { pass = 0, fails = 1, usage = 2, invalid = 3 };

// What it complained of, or else the first check of a verdict that did not pass.
std::string reason_in(const ProcessResult& done) {
  if (!done.errors.empty()) return done.errors.substr(0, done.errors.find('\n'));
  std::istringstream lines(done.output);
  for (std::string line; std::getline(lines, line);)
    if (line.find(": FAIL: ") != std::string::npos || line.find(": INVALID: ") != std::string::npos)
      return line;
  return {};
}

// One run in a scratch folder, and the program that is tested on it.
class Bench {
 public:
  Bench(fs::path scratch, fs::path original, std::string program, const RunRecord& record, SelfTest* test,
        const std::function<void(const SelfTestCheck&)>& on_check)
      : scratch_(std::move(scratch)),
        original_(std::move(original)),
        program_(std::move(program)),
        record_(record),
        test_(test),
        on_check_(on_check) {}

  fs::path run() const { return scratch_ / "run"; }
  fs::path bundle() const { return scratch_ / "a.lgb"; }
  fs::path policy() const { return scratch_ / "policy.toml"; }
  fs::path first_cell() const { return run() / "cells" / record_.cells.front().name; }

  // A copy of the run without what was derived from it, and a policy with this budget.
  Status restore(const std::string& budget, const std::string& suite = {}) const {
    std::error_code error;
    fs::remove_all(run(), error);
    fs::create_directories(run(), error);
    fs::copy_file(original_ / "run.json", run() / "run.json", error);
    if (!error) fs::copy(original_ / "cells", run() / "cells", fs::copy_options::recursive, error);
    if (error) return fail(ErrorKind::infrastructure, run().string() + ": " + error.message());
    return write_file_atomically(
        policy(),
        fmt::format("title = \"self-test\"\nsuite = \"{}\"\ntime_base = \"{}\"\nmin_stimuli = 1\n"
                    "[[budget]]\nkernel = \"*\"\nload = \"*\"\n{}\n",
                    suite.empty() ? record_.suite.name : suite, name_of(record_.time_base), budget));
  }

  void expect(const std::string& name, const std::string& planted, int exit, Strings arguments) const {
    arguments.insert(arguments.begin(), program_);
    const auto done = run_program(arguments, call_limit);
    if (!done) return miss(name, planted, exit, done.error().what);
    note({name, planted, exit, done->exit_status, reason_in(*done)});
  }
  // It could not even be planted, since what comes before it left nothing to plant it in.
  void miss(const std::string& name, const std::string& planted, int exit, const std::string& why) const {
    note({name, planted, exit, -1, why});
  }
  void expect_gate(const std::string& name, const std::string& planted, int exit) const {
    expect(name, planted, exit, {"gate", run().string(), "--policy", policy().string()});
  }
  void expect_verify(const std::string& name, const std::string& planted, int exit) const {
    expect(name, planted, exit, {"verify", bundle().string()});
  }

 private:
  void note(const SelfTestCheck& check) const {
    test_->checks.push_back(check);
    on_check_(check);
  }

  fs::path scratch_, original_;
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

Status replace_text(const fs::path& file, const std::string& from, const std::string& to) {
  TRY(bytes, read_file(file));
  for (auto at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at + to.size()))
    bytes.replace(at, from.size(), to);
  return write_file_atomically(file, bytes);
}

Status test_verdicts(const Bench& bench) {
  TRY_STATUS(bench.restore(lenient));
  bench.expect_gate("sound-run", "nothing: in a sound run every stimulus was answered", pass);
  TRY_STATUS(bench.restore(strict));
  bench.expect_gate("broken-budget", "a budget of 1 us, which no kernel meets", fails);
  const std::string softened = "each FAIL in verdict.json became a PASS";
  if (const Status planted = replace_text(bench.run() / "verdict.json", "\"FAIL\"", "\"PASS\""); !planted)
    bench.miss("softer-verdict", softened, invalid, planted.error().what);
  else
    bench.expect("softer-verdict", softened, invalid, {"report", bench.run().string()});
  TRY_STATUS(bench.restore(lenient, "another-suite"));
  bench.expect_gate("other-policy", "the policy is of another suite", usage);
  TRY_STATUS(bench.restore("max_ms = 1\nunanswered = 0"));
  bench.expect_gate("unknown-limit", "the policy has a limit that nobody knows", usage);
  return {};
}

Status test_evidence(const Bench& bench) {
  for (const char* file : {"samples.lgs", "outcome.json", "evidence.json"}) {
    TRY_STATUS(bench.restore(lenient));
    TRY_STATUS(change_byte(bench.first_cell() / file, 0.5));
    bench.expect_gate(std::string("altered-") + file, "one bit of a cell's file is another", invalid);
    TRY_STATUS(bench.restore(lenient));
    std::error_code error;
    fs::remove(bench.first_cell() / file, error);
    bench.expect_gate(std::string("missing-") + file, "a cell's file is gone", invalid);
  }
  TRY_STATUS(bench.restore(lenient));
  std::error_code error;
  fs::remove_all(bench.first_cell(), error);
  bench.expect_gate("missing-cell", "a whole cell is gone", invalid);
  return {};
}

Status test_bundles(const Bench& bench) {
  TRY_STATUS(bench.restore(lenient));
  bench.expect("sound-pack", "nothing: a sound run is packed", pass,
               {"bundle", bench.run().string(), "--policy", bench.policy().string(), "--out",
                bench.bundle().string()});
  bench.expect_verify("sound-bundle", "nothing: its bundle is as it was packed", pass);
  const auto whole = read_file(bench.bundle());
  if (!whole) {
    bench.miss("altered-bundle", "one bit of the bundle is another", invalid, whole.error().what);
    return {};
  }
  for (int i = 0; i < places_in_a_bundle; ++i) {
    TRY_STATUS(write_file_atomically(bench.bundle(), *whole));
    TRY_STATUS(change_byte(bench.bundle(), static_cast<double>(i) / (places_in_a_bundle - 1)));
    bench.expect_verify(fmt::format("altered-bundle-{}", i + 1), "one bit of the bundle is another", invalid);
  }
  TRY_STATUS(write_file_atomically(bench.bundle(), whole->substr(0, whole->size() / 2)));
  bench.expect_verify("short-bundle", "half of the bundle is gone", invalid);
  TRY_STATUS(write_file_atomically(bench.bundle(), *whole + '\0'));
  bench.expect_verify("long-bundle", "the bundle has one byte more", invalid);
  return {};
}

}  // namespace

bool SelfTest::passed() const {
  return !checks.empty() && std::ranges::all_of(checks, &SelfTestCheck::passed);
}

Result<SelfTest> self_test(const fs::path& run, const std::string& program,
                           const std::function<void(const SelfTestCheck&)>& on_check) {
  auto record = read_run_record(run);
  if (!record)
    return fail(ErrorKind::usage, record.error().what, "name the folder of a run that was measured");
  if (record->cells.empty())
    return fail(ErrorKind::usage, run.string() + ": has no cell",
                "name the folder of a run that was measured");
  std::error_code ignored;
  TRY(scratch, ScratchDir::create(fs::temp_directory_path(ignored), "self-test"));
  SelfTest test{run.filename().string(),
                record->suite.name,
                record->board.name,
                std::string(name_of(record->time_base)),
                {}};
  const Bench bench(scratch.path(), run, program, *record, &test, on_check);
  TRY_STATUS(test_verdicts(bench));
  TRY_STATUS(test_evidence(bench));
  TRY_STATUS(test_bundles(bench));
  return test;
}

std::string to_json(const SelfTest& test, const LoopgateVersion& loopgate) {
  nlohmann::json checks = nlohmann::json::array();
  for (const SelfTestCheck& check : test.checks)
    checks.push_back({{"name", check.name},
                      {"planted", check.planted},
                      {"expected_exit", check.expected_exit},
                      {"exit", check.exit},
                      {"said", check.said},
                      {"passed", check.passed()}});
  const nlohmann::json document = {{"format", 1},
                                   {"loopgate", {{"version", loopgate.version}, {"commit", loopgate.commit}}},
                                   {"run", test.run},
                                   {"suite", test.suite},
                                   {"board", test.board},
                                   {"time_base", test.time_base},
                                   {"passed", test.passed()},
                                   {"checks", std::move(checks)}};
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace loopgate
