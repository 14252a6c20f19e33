#include "run/run_directory.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <ctime>
#include <thread>

#include "base/digest.h"
#include "base/file.h"
#include "qemu/qemu_command.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// What may differ between the run that was interrupted and the one that goes on with it.
json without_circumstances(json run) {
  for (const char* key : {"started", "jobs", "host", "files"}) run.erase(key);
  return run;
}

// The first key whose value differs, for a person.
std::string first_difference(const json& one, const json& other) {
  for (const auto& [key, value] : one.items()) {
    if (!other.contains(key) || other[key] != value) return key;
  }
  return "something";
}

json described(const std::string& name, const std::string& title, const std::string& sha256) {
  return {{"name", name}, {"title", title}, {"sha256", sha256}};
}

json board_of(const Board& board) {
  json entry = described(board.name, board.title, board.sha256);
  if (board.emulator) entry["emulator"] = true;
  return entry;
}

json cells_of(const Plan& plan) {
  json cells = json::array();
  for (const Cell& cell : plan.cells) {
    cells.push_back({{"cell", cell.name},
                     {"kernel", plan.kernels[cell.kernel].name},
                     {"load", plan.loads[cell.load].name},
                     {"repetition", cell.repetition},
                     {"seed", cell.seed}});
    if (!plan.board.is_virtual()) cells.back()["boot"] = boot_of(plan, cell);
  }
  return cells;
}

// Files of the user's own, by the name that the run has for them: what makes the run again needs their
// places.
void add_file(json* files, const char* kind, const std::string& name, const std::string& given) {
  if (given.ends_with(".toml")) (*files)[kind][name] = fs::absolute(given).string();
}

json kernels_of(const Plan& plan, const std::vector<KernelFiles>& images) {
  json all = json::array();
  for (std::size_t i = 0; i < plan.kernels.size(); ++i) {
    json entry = described(plan.kernels[i].name, plan.kernels[i].title, plan.kernels[i].sha256);
    entry["package"] = images[i].provenance.package;
    entry["version"] = images[i].provenance.version;
    entry["release"] = images[i].release;
    entry["image"] = images[i].image.string();
    entry["image_sha256"] = images[i].image_sha256;
    entry["modules"] = modules_to_load(plan.kernels[i].source);
    if (images[i].target) entry["initrd_sha256"] = images[i].target->initrd_sha256;
    // A board's whole command line is known once it has booted: evidence.json has it.
    if (plan.board.is_virtual()) {
      entry["command_line"] = kernel_command_line(plan.board, plan.kernels[i].arguments);
    } else {
      entry["arguments"] = plan.kernels[i].arguments;
    }
    all.push_back(std::move(entry));
  }
  return all;
}

json packages_of(const TargetImage& target) {
  if (target.packages.empty()) return nullptr;
  json all = json::array();
  for (const InstalledPackage& each : target.packages)
    all.push_back({{"package", each.package}, {"version", each.version}, {"deb_sha256", each.deb_sha256}});
  return all;
}

// Nothing yet, or what a run leaves that was ended before it had written run.json.
bool is_untouched(const fs::path& path) {
  std::error_code failed;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, failed)) {
    if (entry.path().filename() != "cells" || !entry.is_directory(failed) ||
        !fs::is_empty(entry.path(), failed))
      return false;
  }
  return !failed;
}

std::string host_system() {
  utsname name{};
  ::uname(&name);
  return fmt::format("{} {} {}", name.sysname, name.release, name.machine);
}

}  // namespace

json describe_run(const Plan& plan, const std::vector<KernelFiles>& kernels, const TargetImage& target,
                  json machine, int jobs, const std::string& loopgate_version) {
  json loads = json::array();
  for (const Load& load : plan.loads) loads.push_back(described(load.name, load.title, load.sha256));
  json files = json::array();
  for (const PayloadFile& file : plan.suite.payload.files)
    files.push_back({{"key", file.key}, {"file", file.file.filename().string()}, {"sha256", file.sha256}});
  const std::time_t now = std::time(nullptr);
  return {{"format", 1},
          {"loopgate", loopgate_version},
          {"started", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now))},
          {"time_base", name_of(plan.board.time_base())},
          {"suite", described(plan.suite.name, plan.suite.title, plan.suite.sha256)},
          {"board", board_of(plan.board)},
          {"seed", plan.seed},
          {"samples", plan.samples},
          {"warm_up", plan.suite.warm_up},
          {"self_checks", plan.suite.self_checks},
          {"repeat", plan.repeat},
          {"jobs", jobs},
          {"deadline_ns", plan.suite.deadline_ns},
          {"abandon_ns", plan.suite.response_timeout_ns},
          {"interval_ns", {plan.suite.interval_min_ns, plan.suite.interval_max_ns}},
          {"payload", payload_command(plan, plan.cells.front())},
          {"payload_files", std::move(files)},
          {"back_to_back", plan.suite.back_to_back},
          {"decisions", plan.suite.decisions
                            ? json{{"frames", plan.suite.decisions->frames},
                                   {"frame_interval_ns", plan.suite.decisions->frame_interval_ns}}
                            : json()},
          {"machine", std::move(machine)},
          {"kernels", kernels_of(plan, kernels)},
          {"loads", std::move(loads)},
          {"target",
           {{"base_sha256", target.base_sha256},
            {"programs_sha256", target.programs_sha256},
            {"packages", packages_of(target)}}},
          {"host", {{"system", host_system()}, {"processors", std::thread::hardware_concurrency()}}},
          {"cells", cells_of(plan)}};
}

json files_of(const Plan& plan, const PlanRequest& request) {
  json files = json::object();
  add_file(&files, "suites", plan.suite.name, request.suite);
  add_file(&files, "boards", plan.board.name, request.board);
  for (std::size_t i = 0; i < request.kernels.size(); ++i)
    add_file(&files, "kernels", plan.kernels[i].name, request.kernels[i]);
  for (std::size_t i = 0; i < request.loads.size(); ++i)
    add_file(&files, "loads", plan.loads[i].name, request.loads[i]);
  return files;
}

Result<RunDirectory> RunDirectory::open(const fs::path& path, const json& run, bool resume) {
  std::error_code ignored;
  const fs::path about = path / "run.json";
  if (fs::exists(path, ignored) && !is_untouched(path)) {
    if (!resume)
      return fail(ErrorKind::usage, fmt::format("{} exists", path.string()),
                  "name another folder with --out, or go on with that run by --resume");
    auto text = read_file(about, ErrorKind::usage);
    if (!text)
      return fail(ErrorKind::usage, fmt::format("{} holds no run to resume (no run.json)", path.string()));
    const json before = json::parse(*text, nullptr, false);
    if (!before.is_object()) return fail(ErrorKind::data, fmt::format("{} is damaged", about.string()));
    if (without_circumstances(before) != without_circumstances(run))
      return fail(ErrorKind::usage,
                  fmt::format("{} holds another run: its {} differs", path.string(),
                              first_difference(without_circumstances(run), without_circumstances(before))),
                  "give the same suite, kernels, loads, samples and seed, or name another folder with --out");
    auto lock = FileLock::take(path);
    if (!lock) return tl::unexpected(lock.error());
    return RunDirectory(path, std::move(*lock));
  }
  if (auto made = make_directories(path / "cells"); !made) return tl::unexpected(made.error());
  auto lock = FileLock::take(path);
  if (!lock) return tl::unexpected(lock.error());
  if (auto written = write_file_atomically(about, run.dump(2) + "\n"); !written)
    return tl::unexpected(written.error());
  return RunDirectory(path, std::move(*lock));
}

bool RunDirectory::is_finished(const Cell& cell, bool verified) const {
  const auto text = read_file(folder_of(cell) / "outcome.json");
  if (!text) return false;
  const json outcome = json::parse(*text, nullptr, false);
  if (!outcome.is_object() || !outcome.contains("outcome") || !outcome.contains("samples_sha256"))
    return false;
  if (outcome["outcome"] == "kernel_failed") return true;  // the kernel's fault would only show again
  if (outcome["outcome"] != "measured" || !outcome["samples_sha256"].is_string()) return false;
  if (verified && !(outcome.contains("verified_determinism") && outcome["verified_determinism"] == true))
    return false;
  const auto is_whole = [&](const char* file, const json& sha256) {
    const auto digest = sha256_of_file(folder_of(cell) / file);
    return digest && sha256.is_string() && *digest == sha256.get<std::string>();
  };
  const json frames = outcome.value("frames_sha256", json());
  const json stamps = outcome.value("stamps_sha256", json());
  return is_whole("samples.lgs", outcome["samples_sha256"]) &&
         (frames.is_null() || is_whole("frames.lgf", frames)) &&
         (stamps.is_null() || is_whole("stamps.lst", stamps));
}

}  // namespace loopgate
