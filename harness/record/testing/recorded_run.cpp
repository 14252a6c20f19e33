#include "record/testing/recorded_run.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "base/digest.h"
#include "record/bench_health.h"
#include "record/outcome.h"
#include "record/run_record.h"

namespace loopgate::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t interval_ns = 1'000'000;

void must(bool worked, const std::string& what) {
  if (!worked) throw std::runtime_error(what);
}

Sample make_sample(std::int64_t latency_ns, std::uint32_t index, std::uint32_t kind) {
  Sample sample;
  sample.index = index;
  sample.due_ns = (index + std::int64_t{1}) * interval_ns;
  sample.flags = kind;
  if (latency_ns == not_sent) return sample;
  sample.stimulus_ns = sample.due_ns;
  sample.flags |= sample_sent | (latency_ns == never_answered ? sample_unanswered : sample_answered);
  if (latency_ns == never_answered) return sample;
  sample.response_ns = sample.stimulus_ns + latency_ns;
  if (latency_ns > deadline_ns) sample.flags |= sample_late;
  return sample;
}

std::string name_of_cell(const RecordedCell& cell) {
  const std::string name = cell.kernel + "." + cell.load;
  return cell.repetition > 1 ? fmt::format("{}.{}", name, cell.repetition) : name;
}

DescribedCell described(const RecordedCell& cell) {
  return {name_of_cell(cell),
          cell.kernel,
          cell.load,
          cell.repetition,
          static_cast<std::uint64_t>(cell.repetition),
          ""};
}

void write_cell(const fs::path& folder, const RunRecord& run, const RecordedCell& cell) {
  fs::create_directories(folder);
  Outcome outcome;
  if (!cell.latencies_ns.empty()) {
    SampleFile file = make_samples(cell.latencies_ns, static_cast<std::uint64_t>(cell.repetition));
    file.header.time_base = run.time_base;
    outcome.records = file.samples.size();
    write_samples(folder / "samples.lgs", file);
    outcome.artifacts["samples.lgs"] = *sha256_of_file(folder / "samples.lgs");
    write_text(folder / "evidence.json", R"({"kernel": {"release": "6.12"}, "load": [{"ok": true}]})");
    outcome.artifacts["evidence.json"] = *sha256_of_file(folder / "evidence.json");
  }
  fs::remove(folder / "outcome.json");
  if (cell.outcome == "missing") return;
  outcome.cell = name_of_cell(cell);
  outcome.suite = run.suite.name;
  outcome.board = run.board.name;
  outcome.kernel = cell.kernel;
  outcome.load = cell.load;
  outcome.repetition = cell.repetition;
  outcome.time_base = run.time_base;
  outcome.kind = cell.outcome == "measured"        ? OutcomeKind::measured
                 : cell.outcome == "kernel_failed" ? OutcomeKind::kernel_failed
                                                   : OutcomeKind::invalid;
  outcome.reason = cell.reason;
  if (outcome.reason.empty() && outcome.kind != OutcomeKind::measured) outcome.reason = "a made-up reason";
  outcome.kernel_in_effect_sha256 = cell.kernel_in_effect_sha256;
  outcome.self_check_passed = outcome.kind == OutcomeKind::measured;
  must(write_outcome(folder, outcome, run, described(cell)).has_value(), "no outcome.json");
}

template <class T>
void add_once(T input, std::vector<T>* inputs) {
  const bool there =
      std::any_of(inputs->begin(), inputs->end(), [&](const T& known) { return known.name == input.name; });
  if (!there) inputs->push_back(std::move(input));
}

RunRecord record_of(const RecordedRun& run) {
  RunRecord record;
  record.loopgate = "0.1.0";
  record.time_base = *time_base_named(run.time_base);
  const std::string suite_sha256 = run.suite_toml.empty() ? "suite-1" : sha256_of(run.suite_toml);
  record.suite = {{run.suite, suite_sha256}, "", run.suite_toml};
  record.board = {{{run.board, "board-1"}, "", ""}, false};
  record.samples = run.samples != 0 ? run.samples : run.cells.at(0).latencies_ns.size();
  record.seed = run.seed;
  record.deadline_ns = deadline_ns;
  record.interval_ns = {600'000, 1'400'000};
  record.machine = QemuMachineRecord{"10.0.2", "qemu-1", 0, run.instrument_sha256};
  if (record.time_base == TimeBase::wall_clock) record.machine = BoardMachineRecord();
  record.target.emplace().base_sha256 = run.base_sha256;
  record.circumstances.started = run.started;
  for (const RecordedCell& cell : run.cells) {
    KernelInput kernel{{{cell.kernel, "kernel-1"}, "", ""}};
    kernel.image_sha256 = run.image_sha256;
    add_once(std::move(kernel), &record.kernels);
    add_once(InputFile{{cell.load, run.load_sha256}, "", ""}, &record.loads);
    record.cells.push_back(described(cell));
    record.repeat = std::max(record.repeat, std::int64_t{cell.repetition});
  }
  return record;
}

// Of a board: its bench was found sound at the end.
void write_health(const fs::path& run_dir, const RunRecord& run) {
  const fs::path folder = health_folder(run_dir, "after");
  fs::remove_all(folder);
  fs::create_directories(folder);
  const DescribedCell cell = health_cell(run, "after");
  Outcome outcome;
  outcome.cell = cell.name;
  outcome.suite = run.suite.name;
  outcome.board = run.board.name;
  outcome.kernel = cell.kernel;
  outcome.load = cell.load;
  outcome.repetition = cell.repetition;
  outcome.time_base = run.time_base;
  outcome.kind = OutcomeKind::measured;
  outcome.artifacts["samples.lgs"] = "health-1";
  outcome.artifacts["evidence.json"] = "health-2";
  outcome.records = 1;
  outcome.self_check_passed = true;
  must(write_outcome(folder, outcome, run, cell).has_value(), "no outcome.json");
}

}  // namespace

ScratchFolder::ScratchFolder() {
  std::string pattern = (fs::temp_directory_path() / "loopgate-test-XXXXXX").string();
  must(::mkdtemp(pattern.data()) != nullptr, "no scratch folder");
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

SampleFile make_samples(const std::vector<std::int64_t>& latencies_ns, std::uint64_t seed) {
  SampleFile file;
  file.header = {TimeBase::virtual_time, seed, latencies_ns.size() + 3, deadline_ns};
  std::uint32_t index = 0;
  for (const std::int64_t known_ns : {1, 17})
    file.samples.push_back(make_sample(known_ns, index++, sample_self_check));
  file.samples.push_back(make_sample(500'000, index++, sample_warm_up));
  std::int64_t free_ns = 0;  // when the one that is pending is answered
  for (const std::int64_t latency_ns : latencies_ns) {
    Sample sample = make_sample(latency_ns, index++, 0);
    if (sample.sent() && sample.stimulus_ns < free_ns)
      throw std::runtime_error("the test sends a stimulus while one is pending");
    if (sample.answered()) free_ns = sample.response_ns;
    file.samples.push_back(sample);
  }
  return file;
}

void write_samples(const fs::path& path, const SampleFile& file) {
  auto writer = SampleWriter::create(path, file.header);
  must(writer.has_value(), "no writer");
  for (const Sample& sample : file.samples) must(writer->append(sample).has_value(), "not appended");
  must(writer->close().has_value(), "not closed");
}

RecordedRun large_run(int repetitions, std::size_t stimuli_of_cell) {
  RecordedRun run;
  std::uint64_t state = 1;
  for (const char* kernel : {"generic", "rt"})
    for (int repetition = 1; repetition <= repetitions; ++repetition) {
      RecordedCell cell{kernel, "mixed", {}};
      cell.repetition = repetition;
      for (std::size_t i = 0; i < stimuli_of_cell; ++i) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        cell.latencies_ns.push_back(10'000 + static_cast<std::int64_t>(state >> 45U));
      }
      run.cells.push_back(std::move(cell));
    }
  return run;
}

void write_run(const fs::path& run_dir, const RecordedRun& run) {
  fs::create_directories(run_dir);
  const RunRecord record = record_of(run);
  for (const RecordedCell& cell : run.cells) write_cell(run_dir / "cells" / name_of_cell(cell), record, cell);
  if (record.time_base == TimeBase::wall_clock) write_health(run_dir, record);
  must(write_run_record(run_dir, record).has_value(), "no run.json");
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  must(file.good(), "not written");
}

}  // namespace loopgate::testing
