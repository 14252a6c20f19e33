#include "target/agent/program_run.h"

#include <sys/mount.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <utility>

#include "target/agent/proc.h"
#include "target/agent/text_file.h"

namespace loopgate {
namespace {

constexpr std::size_t output_kept = 256U << 10U;
constexpr std::size_t errors_kept = 16U << 10U;
constexpr std::size_t file_kept = 1U << 20U;

bool is_in_path(const std::string& program) {
  if (program.find('/') != std::string::npos) return ::access(program.c_str(), X_OK) == 0;
  const char* path = ::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (::access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  return false;
}

// Mounts tracefs where a target has not done it.
bool has_tracer(const std::string& tracer, const std::string& tracers_file) {
  auto text = read_text(tracers_file);
  if (!text) {
    ::mount("tracefs", "/sys/kernel/tracing", "tracefs", MS_NOSUID, nullptr);
    text = read_text(tracers_file);
  }
  std::istringstream words(text.value_or(""));
  for (std::string word; words >> word;)
    if (word == tracer) return true;
  return false;
}

std::string this_machine() {
  utsname name{};
  ::uname(&name);
  return name.machine;
}

// Any version of it.
bool has_library(const std::string& name, const std::vector<std::string>& folders) {
  namespace fs = std::filesystem;
  const std::string own = this_machine() + "-linux-gnu";
  std::error_code error;
  for (const fs::path folder : folders)
    for (const fs::path& place : {folder, folder / own})
      for (const fs::directory_entry& file : fs::directory_iterator(place, error))
        if (file.path().filename().string().starts_with(name)) return true;
  return false;
}

}  // namespace

int cpus_in_list(const std::string& list) {
  int cpus = 0;
  std::istringstream ranges{std::string(without_end(list))};
  for (std::string range; std::getline(ranges, range, ',');) {
    int first = 0, last = 0;
    const char* end = range.data() + range.size();
    const auto [dash, error] = std::from_chars(range.data(), end, first);
    if (error != std::errc()) continue;
    last = first;
    if (dash != end) std::from_chars(dash + 1, end, last);
    cpus += std::max(last - first + 1, 0);
  }
  return cpus;
}

std::string what_target_lacks(const ProgramSpec& order, const TargetPlaces& places) {
  const ProgramNeeds& needs = order.needs;
  std::vector<std::string> programs = {order.argv.front()};
  programs.insert(programs.end(), needs.programs.begin(), needs.programs.end());
  for (const std::string& program : programs)
    if (!is_in_path(program)) return "the program " + program + " is not on the target";
  if (const std::string machine = this_machine(); !needs.machine.empty() && machine != needs.machine)
    return "it needs a CPU of " + needs.machine + ", and this is " + machine;
  if (needs.cpus > 1) {
    const int cpus = cpus_in_list(read_text(places.online_cpus).value_or(""));
    if (cpus < needs.cpus)
      return "it needs " + std::to_string(needs.cpus) + " CPUs, and " + std::to_string(cpus) +
             (cpus == 1 ? " is online" : " are online");
  }
  if (!needs.tracer.empty() && !has_tracer(needs.tracer, places.tracers))
    return "the kernel has no tracer " + needs.tracer;
  for (const std::string& file : needs.files)
    if (::access(file.c_str(), F_OK) != 0) return "the kernel has no " + file;
  for (const std::string& library : needs.libraries)
    if (!has_library(library, places.libraries))
      return "the shared library " + library + " is not on the target";
  return {};
}

void note_what_it_left(const ProgramSpec& order, const Child& program, ProgramReport* report) {
  report->exit = program.exit();
  report->output = program.output(output_kept + 1);
  report->errors = program.errors(errors_kept + 1);
  if (auto file = order.file.empty() ? Result<std::string>() : read_head(order.file, file_kept + 1);
      file && !order.file.empty())
    report->file = std::move(*file);
  for (const auto& [text, kept] : {std::pair{&report->output, output_kept}, {&report->errors, errors_kept}}) {
    if (text->size() <= kept) continue;
    text->erase(0, 1);
    report->cut_off = true;
  }
  if (report->file && report->file->size() > file_kept) {
    report->file->resize(file_kept);
    report->cut_off = true;
  }
}

void kill_strays(const std::vector<pid_t>& known, const std::vector<pid_t>& sessions,
                 const std::string& proc) {
  const auto is_among = [](const std::vector<pid_t>& all, pid_t pid) {
    return std::ranges::find(all, pid) != all.end();
  };
  for (const ProcessStat& process : read_processes(proc)) {
    if (process.parent != ::getpid() || process.kernel_thread || is_among(known, process.pid)) continue;
    if (!is_among(sessions, process.session)) ::kill(process.pid, SIGKILL);
  }
}

}  // namespace loopgate
