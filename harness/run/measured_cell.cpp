#include "run/measured_cell.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/digest.h"
#include "base/file.h"
#include "stats/summary.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint32_t median_per_million = 500'000;

Result<json> read_object(const fs::path& path, ErrorKind missing) {
  auto text = read_file(path, missing);
  if (!text) return tl::unexpected(text.error());
  json object = json::parse(*text, nullptr, false);
  if (!object.is_object()) return fail(ErrorKind::data, fmt::format("{} is damaged", path.string()));
  return object;
}

Result<json> cell_in(const json& run, const std::string& wanted, const fs::path& path) {
  std::vector<std::string> names;
  for (const json& cell : run.at("cells")) {
    names.push_back(cell.at("cell").get<std::string>());
    if (names.back() == wanted) return cell;
  }
  return fail(ErrorKind::usage, fmt::format("{} has no cell \"{}\"", path.string(), wanted),
              fmt::format("its cells: {}", fmt::join(names, ", ")));
}

PlanRequest request_of(const json& run, const json& cell) {
  const json files = run.value("files", json::object());
  const auto as_given = [&](const char* key, const std::string& name) {
    return files.value(key, json::object()).value(name, name);
  };
  PlanRequest request;
  request.suite = as_given("suites", run.at("suite").at("name"));
  request.board = as_given("boards", run.at("board").at("name"));
  request.kernels = {as_given("kernels", cell.at("kernel"))};
  request.loads = {as_given("loads", cell.at("load"))};
  request.samples = run.at("samples");
  request.repeat = run.at("repeat");
  request.seed = run.at("seed");
  return request;
}

// Sorted by latency, then by index.
std::vector<Sample> by_latency(const SampleFile& file) {
  std::vector<Sample> counted;
  for (const Sample& sample : file.samples) {
    if (sample.counted() && sample.answered()) counted.push_back(sample);
  }
  std::stable_sort(counted.begin(), counted.end(),
                   [](const Sample& a, const Sample& b) { return a.latency_ns() < b.latency_ns(); });
  return counted;
}

std::string shown(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

const json* named(const json& all, const json& name) {
  for (const json& entry : all) {
    if (entry.at("name") == name) return &entry;
  }
  return nullptr;
}

Status check_equal(const std::string& what, const json& measured, const json& now) {
  if (measured == now) return {};
  return fail(ErrorKind::usage,
              fmt::format("the run can't be made again: {} is {} here, and was {} when it was measured", what,
                          shown(now), shown(measured)),
              "explain it where it was measured, or measure it here");
}

Status check_keys(const std::string& what, const json& measured, const json& now,
                  std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const json none;
    if (auto equal =
            check_equal(fmt::format("{} {}", what, key), measured.contains(key) ? measured[key] : none,
                        now.contains(key) ? now[key] : none);
        !equal)
      return equal;
  }
  return {};
}

}  // namespace

Result<MeasuredCell> find_measured_cell(const fs::path& run_folder, const std::string& cell_name) {
  const fs::path about = run_folder / "run.json";
  std::error_code ignored;
  if (!fs::exists(about, ignored))
    return fail(ErrorKind::usage, fmt::format("{} is no run: it has no run.json", run_folder.string()),
                "name the folder that `loopgate run … --out FOLDER` made");
  auto run = read_object(about, ErrorKind::data);
  if (!run) return tl::unexpected(run.error());
  try {  // nlohmann-json tells of a key that is missing or of another type by exception
    if (run->at("time_base") != "virtual")
      return fail(
          ErrorKind::usage,
          fmt::format("{} was measured in wall-clock time, which does not repeat", run_folder.string()),
          "explain needs the virtual bench: measure with --board qemu-virt-arm64");
    auto described = cell_in(*run, cell_name, run_folder);
    if (!described) return tl::unexpected(described.error());
    MeasuredCell cell;
    cell.name = cell_name;
    cell.folder = run_folder / "cells" / cell_name;
    cell.request = request_of(*run, *described);
    cell.repetition = described->at("repetition");
    cell.run = std::move(*run);
    auto outcome = read_object(cell.folder / "outcome.json", ErrorKind::usage);
    if (!outcome) return tl::unexpected(outcome.error());
    if (!outcome->at("samples_sha256").is_string())
      return fail(ErrorKind::usage,
                  fmt::format("{} has no samples: {}", cell_name, outcome->at("reason").get<std::string>()));
    cell.samples_sha256 = outcome->at("samples_sha256");
    const fs::path samples = cell.folder / "samples.lgs";
    auto digest = sha256_of_file(samples);
    if (!digest) return tl::unexpected(digest.error());
    if (*digest != cell.samples_sha256)
      return fail(ErrorKind::data,
                  fmt::format("{} was altered: its sha256 is not the one in outcome.json", samples.string()));
    auto file = read_samples(samples);
    if (!file) return tl::unexpected(file.error());
    cell.samples = std::move(*file);
    return cell;
  } catch (const json::exception& error) {
    return fail(ErrorKind::data, fmt::format("{}: {}", run_folder.string(), error.what()));
  }
}

Status check_repeatable(const json& measured, const json& now) {
  try {
    const auto in_order = [&](auto&&... checks) -> Status {
      Status status;
      (void)((status = checks(), status.has_value()) && ...);
      return status;
    };
    const json& kernel = now.at("kernels").at(0);
    const json& load = now.at("loads").at(0);
    const json* kernel_then = named(measured.at("kernels"), kernel.at("name"));
    const json* load_then = named(measured.at("loads"), load.at("name"));
    if (kernel_then == nullptr || load_then == nullptr)
      return fail(ErrorKind::data, "run.json does not name the cell's kernel or load");
    return in_order(
        [&] {
          return check_keys("machine", measured.at("machine"), now.at("machine"), {"qemu", "binary_sha256"});
        },
        [&] { return check_keys("suite", measured.at("suite"), now.at("suite"), {"sha256"}); },
        [&] { return check_keys("board", measured.at("board"), now.at("board"), {"sha256"}); },
        [&] {
          return check_keys("kernel", *kernel_then, kernel, {"version", "image_sha256", "command_line"});
        },
        [&] { return check_keys("load", *load_then, load, {"sha256"}); },
        [&] {
          return check_keys("target", measured.at("target"), now.at("target"),
                            {"base_sha256", "programs_sha256"});
        },
        [&] {
          return check_equal("the payload's files", measured.at("payload_files"), now.at("payload_files"));
        });
  } catch (const json::exception& error) {
    return fail(ErrorKind::data, std::string("run.json is damaged: ") + error.what());
  }
}

std::vector<std::uint32_t> worst_samples(const SampleFile& samples, std::size_t count) {
  const auto sorted = by_latency(samples);
  std::vector<std::uint32_t> worst;
  for (auto sample = sorted.rbegin(); sample != sorted.rend() && worst.size() < count; ++sample)
    worst.push_back(sample->index);
  return worst;
}

std::uint32_t median_sample(const SampleFile& samples) {
  const auto sorted = by_latency(samples);
  return sorted[nearest_rank(sorted.size(), median_per_million) - 1].index;
}

Status check_explainable(const SampleFile& samples, std::uint32_t sample) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorKind::usage, fmt::format("sample {} can't be explained: {}", sample, why));
  };
  if (sample >= samples.samples.size())
    return refuse(fmt::format("the cell has samples 0 to {}", samples.samples.size() - 1));
  const Sample& found = samples.samples[sample];
  if (!found.counted()) return refuse("it is a self-check or a warm-up");
  if (!found.sent()) return refuse("its stimulus was not sent, since the one before was still pending");
  if (!found.answered()) return refuse("it was never answered");
  return {};
}

}  // namespace loopgate
