#include "record/testing/recorded_run.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/digest.h"

namespace loopgate::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

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

template <class Name>
json unique_names(const std::vector<RecordedCell>& cells, const Name& name, const std::string& sha256) {
  json list = json::array();
  for (const RecordedCell& cell : cells) {
    const json entry = {{"name", name(cell)}, {"title", ""}, {"sha256", sha256}};
    if (std::find(list.begin(), list.end(), entry) == list.end()) list.push_back(entry);
  }
  return list;
}

std::string name_of_cell(const RecordedCell& cell) {
  const std::string name = cell.kernel + "." + cell.load;
  return cell.repetition > 1 ? fmt::format("{}.{}", name, cell.repetition) : name;
}

void write_cell(const fs::path& folder, const RecordedRun& run, const RecordedCell& cell) {
  fs::create_directories(folder);
  json sha256 = nullptr;
  std::size_t records = 0;
  if (!cell.latencies_ns.empty()) {
    SampleFile file = make_samples(cell.latencies_ns, static_cast<std::uint64_t>(cell.repetition));
    if (run.time_base == "wall") file.header.time_base = TimeBase::wall_clock;
    records = file.samples.size();
    write_samples(folder / "samples.lgs", file);
    sha256 = *sha256_of_file(folder / "samples.lgs");
  }
  if (cell.outcome == "missing") return;
  const json outcome = {{"format", 1},
                        {"cell", name_of_cell(cell)},
                        {"suite", run.suite},
                        {"board", run.board},
                        {"kernel", cell.kernel},
                        {"load", cell.load},
                        {"repetition", cell.repetition},
                        {"time_base", run.time_base},
                        {"outcome", cell.outcome},
                        {"reason", cell.reason},
                        {"next_step", ""},
                        {"samples_sha256", sha256},
                        {"records", records},
                        {"self_check", {{"passed", cell.outcome == "measured"}, {"checks", json::array()}}},
                        {"spurious_responses", 0}};
  write_text(folder / "outcome.json", outcome.dump(2));
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

void write_run(const fs::path& run_dir, const RecordedRun& run) {
  fs::create_directories(run_dir);
  json cells = json::array();
  for (const RecordedCell& cell : run.cells) {
    cells.push_back({{"cell", name_of_cell(cell)},
                     {"kernel", cell.kernel},
                     {"load", cell.load},
                     {"repetition", cell.repetition},
                     {"seed", cell.repetition}});
    write_cell(run_dir / "cells" / name_of_cell(cell), run, cell);
  }
  const json description = {
      {"format", 1},
      {"time_base", run.time_base},
      {"suite", {{"name", run.suite}, {"title", ""}, {"sha256", "suite-1"}}},
      {"board", {{"name", run.board}, {"title", ""}, {"sha256", "board-1"}}},
      {"samples", run.samples != 0 ? run.samples : run.cells.at(0).latencies_ns.size()},
      {"deadline_ns", deadline_ns},
      {"interval_ns", {600'000, 1'400'000}},
      {"machine", run.time_base == "wall" ? json::object() : json{{"icount_shift", 0}}},
      {"kernels", unique_names(
                      run.cells, [](const RecordedCell& cell) { return cell.kernel; }, "kernel-1")},
      {"loads", unique_names(
                    run.cells, [](const RecordedCell& cell) { return cell.load; }, run.load_sha256)},
      {"cells", cells}};
  write_text(run_dir / "run.json", description.dump(2));
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
