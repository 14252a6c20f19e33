#include "target/agent/proc.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <memory>

#include "target/agent/text_file.h"

namespace loopgate {
namespace {

// include/linux/sched.h: the thread has no user space. Part of the ABI through /proc/PID/stat.
constexpr std::uint64_t pf_kthread = 0x00200000;

// Fields of /proc/PID/stat, counted from 0 at the state, which follows the name in brackets.
enum StatField : std::size_t {
  field_parent = 1,
  field_group = 2,
  field_session = 3,
  field_flags = 6,
  field_user = 11,
  field_system = 12,
  field_children_user = 13,
  field_children_system = 14,
  field_rt_priority = 37,
  field_policy = 38,
  stat_fields = 39,
};

template <class Number>
bool read_number(std::string_view word, Number* out, int base = 10) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), *out, base);
  return error == std::errc() && end == word.data() + word.size();
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  constexpr std::string_view blanks = " \t\n";
  for (std::size_t at = text.find_first_not_of(blanks); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(blanks, end);
  }
  return words;
}

tl::unexpected<Error> unreadable(const char* file, std::string_view text) {
  return fail(ErrorKind::data,
              std::string(file) + " cannot be understood: \"" + std::string(text.substr(0, 80)) + "\"");
}

// begin-end rights offset device inode name; the name may have blanks.
std::optional<CodeMap> parse_code_map(std::string_view line) {
  constexpr std::size_t name_at = 5;
  const auto words = words_of(line);
  if (words.size() <= name_at || words[1].find('x') == std::string_view::npos) return std::nullopt;
  CodeMap map;
  map.file = line.substr(static_cast<std::size_t>(words[name_at].data() - line.data()));
  const std::size_t dash = words[0].find('-');
  const bool good = dash != std::string_view::npos && read_number(words[0].substr(0, dash), &map.begin, 16) &&
                    read_number(words[0].substr(dash + 1), &map.end, 16) &&
                    read_number(words[2], &map.offset, 16);
  if (!good) return std::nullopt;
  return map;
}

// The numbered entries of a folder: /proc's processes, or a process' threads.
std::vector<pid_t> numbered_entries(const std::string& folder) {
  const auto close_folder = [](DIR* open_folder) { ::closedir(open_folder); };
  const std::unique_ptr<DIR, decltype(close_folder)> opened(::opendir(folder.c_str()), close_folder);
  std::vector<pid_t> numbers;
  if (!opened) return numbers;
  while (const dirent* entry = ::readdir(opened.get())) {
    pid_t number = 0;
    if (read_number(std::string_view(entry->d_name), &number)) numbers.push_back(number);
  }
  return numbers;
}

// schedstat counts in ns and for one thread; where a kernel lacks it, ticks have to do.
std::uint64_t cpu_time_ns(const std::string& folder, const ProcessStat& stat, std::uint64_t tick_ns) {
  std::uint64_t sum_ns = 0;
  for (const pid_t thread : numbered_entries(folder + "/task")) {
    const auto text = read_text(folder + "/task/" + std::to_string(thread) + "/schedstat");
    const auto run_time_ns =
        text ? parse_run_time_ns(*text) : Result<std::uint64_t>(unreadable("schedstat", ""));
    if (!run_time_ns) return stat.own_ticks * tick_ns;
    sum_ns += *run_time_ns;
  }
  return sum_ns;
}

}  // namespace

Result<ProcessStat> parse_process_stat(std::string_view line) {
  // A name may hold blanks and brackets, so its end is the last bracket of the line.
  const std::size_t open = line.find('(');
  const std::size_t close = line.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return unreadable("/proc/PID/stat", line);
  const auto words = words_of(line.substr(close + 1));
  if (words.size() < stat_fields || words[0].size() != 1) return unreadable("/proc/PID/stat", line);

  ProcessStat stat;
  stat.name = line.substr(open + 1, close - open - 1);
  stat.state = words[0][0];
  std::uint64_t flags = 0, user = 0, system = 0, children_user = 0, children_system = 0;
  const bool good =
      read_number(without_end(line.substr(0, open)), &stat.pid) &&
      read_number(words[field_parent], &stat.parent) && read_number(words[field_group], &stat.group) &&
      read_number(words[field_session], &stat.session) && read_number(words[field_flags], &flags) &&
      read_number(words[field_user], &user) && read_number(words[field_system], &system) &&
      read_number(words[field_children_user], &children_user) &&
      read_number(words[field_children_system], &children_system) &&
      read_number(words[field_rt_priority], &stat.rt_priority) &&
      read_number(words[field_policy], &stat.policy);
  if (!good) return unreadable("/proc/PID/stat", line);
  stat.kernel_thread = (flags & pf_kthread) != 0;
  stat.own_ticks = user + system;
  stat.children_ticks = children_user + children_system;
  return stat;
}

Result<CpuTicks> parse_cpu_ticks(std::string_view text) {
  const auto words = words_of(text.substr(0, text.find('\n')));
  // cpu user nice system idle iowait irq softirq steal; what follows is part of user and nice already
  constexpr std::size_t first = 1, idle = 4, iowait = 5, last = 8;
  if (words.size() <= last || words[0] != "cpu") return unreadable("/proc/stat", text);
  CpuTicks ticks;
  for (std::size_t i = first; i <= last; ++i) {
    std::uint64_t count = 0;
    if (!read_number(words[i], &count)) return unreadable("/proc/stat", text);
    ticks.total += count;
    if (i == idle || i == iowait) ticks.idle += count;
  }
  return ticks;
}

Result<std::uint64_t> parse_run_time_ns(std::string_view text) {
  const auto words = words_of(text);
  std::uint64_t run_time_ns = 0;
  if (words.size() < 3 || !read_number(words[0], &run_time_ns))
    return unreadable("/proc/PID/schedstat", text);
  return run_time_ns;
}

std::optional<std::string> kernel_argument(std::string_view command_line, std::string_view key) {
  std::optional<std::string> value;
  for (const std::string_view word : words_of(command_line)) {
    if (word.size() > key.size() && word.starts_with(key) && word[key.size()] == '=')
      value = std::string(word.substr(key.size() + 1));
  }
  return value;
}

std::optional<ProcessStat> read_process(pid_t pid, const std::string& proc) {
  const auto text = read_text(proc + "/" + std::to_string(pid) + "/stat");
  if (!text) return std::nullopt;
  auto stat = parse_process_stat(*text);
  if (!stat) return std::nullopt;
  return std::move(*stat);
}

std::vector<ProcessStat> read_processes(const std::string& proc) {
  std::vector<ProcessStat> processes;
  for (const pid_t pid : numbered_entries(proc)) {
    if (auto stat = read_process(pid, proc)) processes.push_back(std::move(*stat));
  }
  return processes;
}

GroupUsage usage_of(pid_t leader, const std::string& proc) {
  const auto tick_ns = 1'000'000'000U / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  GroupUsage usage;
  for (const ProcessStat& stat : read_processes(proc)) {
    if (stat.session != leader && stat.group != leader) continue;
    usage.cpu_ns += stat.children_ticks * tick_ns;
    if (stat.state == 'Z' || stat.state == 'X') {
      usage.cpu_ns += stat.own_ticks * tick_ns;
      continue;
    }
    ++usage.processes;
    usage.cpu_ns += cpu_time_ns(proc + "/" + std::to_string(stat.pid), stat, tick_ns);
  }
  return usage;
}

std::vector<CodeMap> parse_code_maps(std::string_view text) {
  std::vector<CodeMap> maps;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto map = parse_code_map(text.substr(0, end))) maps.push_back(std::move(*map));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return maps;
}

std::vector<CodeMap> code_maps_of(pid_t pid, const std::string& proc) {
  const auto text = read_text(proc + "/" + std::to_string(pid) + "/maps");
  return text ? parse_code_maps(*text) : std::vector<CodeMap>();
}

void kill_all_of(pid_t leader) {
  ::kill(-leader, SIGKILL);
  for (const ProcessStat& stat : read_processes()) {
    if (stat.session == leader || stat.group == leader) ::kill(stat.pid, SIGKILL);
  }
}

}  // namespace loopgate
