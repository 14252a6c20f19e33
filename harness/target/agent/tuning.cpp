#include "target/agent/tuning.h"

#include <fnmatch.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <ranges>
#include <thread>

#include "target/agent/text_file.h"
#include "target/deadline.h"

namespace loopgate {
namespace {

bool is_real_time(int policy) { return policy == SCHED_FIFO || policy == SCHED_RR; }

bool matches(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

// A file that lists what can be chosen, with what is in brackets, takes none but one of the words.
std::string as_chosen(const std::string& text) {
  const std::size_t begin = text.find('['), end = text.find(']', begin);
  const bool lists = begin != std::string::npos && end != std::string::npos &&
                     text.find('[', begin + 1) == std::string::npos;
  return lists ? text.substr(begin + 1, end - begin - 1) : text;
}

// For a thread that sleeps and seldom does little.
constexpr target::Reservation small_reservation{std::chrono::microseconds(100),
                                                std::chrono::milliseconds(100)};

int set_policy(pid_t pid, int policy, int priority) {
  if (policy == SCHED_DEADLINE) return target::take_deadline(pid, small_reservation);
  sched_param parameters{};
  parameters.sched_priority = priority;
  return ::sched_setscheduler(pid, policy, &parameters) == 0 ? 0 : errno;
}

std::string policy_of(pid_t pid) {
  const int policy = ::sched_getscheduler(pid);
  sched_param parameters{};
  if (policy < 0 || ::sched_getparam(pid, &parameters) != 0) return std::strerror(errno);
  return policy_text(policy & ~SCHED_RESET_ON_FORK, parameters.sched_priority);
}

std::string task_folder(pid_t pid) { return "/proc/" + std::to_string(pid) + "/task"; }

cpu_set_t set_of(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(static_cast<std::size_t>(cpu), &set);
  return set;
}

std::string cpus_text(const cpu_set_t& set) {
  std::string text;
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) text += (text.empty() ? "" : ",") + std::to_string(cpu);
  return text;
}

TuningRow file_as_it_is(const FileRule& rule) {
  TuningRow row{rule.path, rule.reads, {}, false};
  const auto text = read_text(rule.path);
  row.read_back = text ? std::string(without_end(*text)) : text.error().what;
  row.ok = text && row.read_back == rule.reads;
  return row;
}

std::string wanted_by(const ThreadRule& rule) {
  std::string wanted = policy_text(rule.policy, rule.priority);
  if (!rule.cpus.empty()) wanted += thread_cpus_text(cpus_text(set_of(rule.cpus)));
  return wanted;
}

TuningRow thread_as_it_is(const ThreadRule& rule, const ProcessStat& thread) {
  TuningRow row{thread.name, wanted_by(rule), policy_of(thread.pid), false, thread.pid};
  if (cpu_set_t own; !rule.cpus.empty())
    row.read_back += ::sched_getaffinity(thread.pid, sizeof(own), &own) == 0
                         ? thread_cpus_text(cpus_text(own))
                         : std::string(", its CPUs: ") + std::strerror(errno);
  row.ok = row.read_back == row.wanted;
  return row;
}

// Asks for a row of each kernel thread that a rule is for; a rule that must match and does not gives a row
// that is not ok.
std::vector<TuningRow> rows_of_threads(
    const std::vector<ThreadRule>& rules, const std::string& proc,
    const std::function<TuningRow(const ThreadRule&, const ProcessStat&)>& row_of) {
  std::vector<TuningRow> rows;
  if (rules.empty()) return rows;
  std::vector<bool> used(rules.size(), false);
  std::vector<ProcessStat> threads = read_processes(proc);
  std::ranges::sort(threads, {}, &ProcessStat::pid);
  for (const ProcessStat& thread : threads) {
    if (!thread.kernel_thread) continue;
    const ThreadRule* rule = rule_for(rules, thread.name);
    if (rule == nullptr) continue;
    TuningRow row = row_of(*rule, thread);
    if (!row.ok && !read_process(thread.pid, proc)) continue;  // it ended meanwhile
    used[static_cast<std::size_t>(rule - rules.data())] = true;
    rows.push_back(std::move(row));
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (used[i] || !rules[i].required) continue;
    rows.push_back({rules[i].name, wanted_by(rules[i]), "no such thread", false});
  }
  return rows;
}

bool some_run(const std::vector<TuningRow>& rows, const std::string& proc) {
  return std::ranges::any_of(rows, [&](const TuningRow& row) {
    const auto now = row.pid ? read_process(*row.pid, proc) : std::nullopt;
    return now && now->state == 'R';
  });
}

}  // namespace

std::string policy_text(int policy, int priority) {
  switch (policy) {
    case SCHED_OTHER:
      return "other";
    case SCHED_FIFO:
      return "fifo " + std::to_string(priority);
    case SCHED_RR:
      return "rr " + std::to_string(priority);
    case SCHED_BATCH:
      return "batch";
    case SCHED_IDLE:
      return "idle";
    case SCHED_DEADLINE:
      return "deadline";
    default:
      return "policy " + std::to_string(policy);
  }
}

const ThreadRule* rule_for(const std::vector<ThreadRule>& rules, const std::string& thread_name) {
  const auto found =
      std::ranges::find_if(rules, [&](const ThreadRule& rule) { return matches(rule.name, thread_name); });
  return found == rules.end() ? nullptr : &*found;
}

std::string cpus_of(pid_t leader, const std::string& proc) {
  cpu_set_t all;
  CPU_ZERO(&all);
  for (const ProcessStat& stat : read_processes(proc)) {
    cpu_set_t own;
    CPU_ZERO(&own);
    const bool lives = stat.state != 'Z' && stat.state != 'X';
    if (lives && (stat.session == leader || stat.group == leader) &&
        ::sched_getaffinity(stat.pid, sizeof(own), &own) == 0)
      CPU_OR(&all, &all, &own);
  }
  return cpus_text(all);
}

TuningRow keep_to_cpus(pid_t pid, const std::string& name, const std::vector<int>& cpus) {
  const cpu_set_t wanted = set_of(cpus);
  TuningRow row;
  row.what = "CPUs of the " + name;
  row.wanted = cpus_text(wanted);
  cpu_set_t seen;
  CPU_ZERO(&seen);
  if (::sched_setaffinity(pid, sizeof(wanted), &wanted) != 0 ||
      ::sched_getaffinity(pid, sizeof(seen), &seen) != 0) {
    row.read_back = std::strerror(errno);
    return row;
  }
  row.read_back = cpus_text(seen);
  row.ok = CPU_EQUAL(&wanted, &seen) != 0;
  return row;
}

std::vector<TuningRow> files_as_they_are(const std::vector<FileRule>& rules) {
  std::vector<TuningRow> rows;
  for (const FileRule& rule : rules) rows.push_back(file_as_it_is(rule));
  return rows;
}

std::vector<TuningRow> threads_as_they_are(const std::vector<ThreadRule>& rules, const std::string& proc) {
  return rows_of_threads(rules, proc, thread_as_it_is);
}

std::map<pid_t, std::string> policies_of(pid_t pid) {
  std::map<pid_t, std::string> policies;
  for (const ProcessStat& thread : read_processes(task_folder(pid)))
    policies[thread.pid] = policy_of(thread.pid);
  return policies;
}

std::vector<TuningRow> policies_as_they_are(pid_t pid, const std::string& name,
                                            const std::map<pid_t, std::string>& policies) {
  std::vector<TuningRow> rows;
  for (const ProcessStat& thread : read_processes(task_folder(pid))) {
    const auto before = policies.find(thread.pid);
    if (before == policies.end()) continue;
    const std::string now = policy_of(thread.pid);
    rows.push_back({"policy of the " + name + "'s thread " + thread.name, before->second, now,
                    now == before->second, thread.pid});
  }
  return rows;
}

TuningRow cpus_as_they_are(pid_t pid, const std::string& name, const std::vector<int>& cpus) {
  const cpu_set_t wanted = set_of(cpus);
  cpu_set_t seen, together;
  CPU_ZERO(&seen);
  for (const ProcessStat& thread : read_processes(task_folder(pid))) {
    cpu_set_t own;
    CPU_ZERO(&own);
    if (::sched_getaffinity(thread.pid, sizeof(own), &own) == 0) CPU_OR(&seen, &seen, &own);
  }
  CPU_OR(&together, &seen, &wanted);
  return {"CPUs of the " + name, cpus_text(wanted), cpus_text(seen),
          CPU_COUNT(&seen) > 0 && CPU_EQUAL(&together, &wanted) != 0};
}

CheckRow check_file(const FileCheck& check) {
  CheckRow row{check.name, check.whole ? check.expected : "contains " + check.expected, {}, false};
  const auto text = read_text(check.file);
  if (!text) {
    row.seen = text.error().what;
    return row;
  }
  const std::string_view content = without_end(*text);
  row.seen = content.substr(0, 2048);
  row.passed =
      check.whole ? content == check.expected : content.find(check.expected) != std::string_view::npos;
  return row;
}

std::vector<ThreadRow> audited_threads(const std::string& proc) {
  std::vector<ThreadRow> rows;
  for (const ProcessStat& thread : read_processes(proc)) {
    if (!thread.kernel_thread || (!is_real_time(thread.policy) && !thread.name.starts_with("ksoftirqd/")))
      continue;
    const std::string policy = policy_text(thread.policy, 0);
    rows.push_back({thread.name, thread.pid, policy.substr(0, policy.find(' ')), thread.rt_priority});
  }
  std::ranges::sort(rows, {}, &ThreadRow::pid);
  return rows;
}

std::vector<TuningRow> Tuner::apply_files(const std::vector<FileRule>& rules) {
  std::vector<TuningRow> rows;
  for (const FileRule& rule : rules) rows.push_back(apply_file(rule));
  return rows;
}

TuningRow Tuner::apply_file(const FileRule& rule) {
  const auto before = read_text(rule.path);
  const auto written = write_text(rule.path, rule.value);
  if (!written) return {rule.path, rule.reads, written.error().what, false};
  if (before) files_before_.push_back({rule.path, as_chosen(*before)});
  return file_as_it_is(rule);
}

std::vector<TuningRow> Tuner::apply_threads(const std::vector<ThreadRule>& rules, const std::string& proc) {
  if (rules.empty()) return {};
  const auto apply = [&] {
    return rows_of_threads(rules, proc, [this](const ThreadRule& rule, const ProcessStat& thread) {
      return apply_thread(rule, thread);
    });
  };
  // Twice: a new interrupt thread says that it is there before it gives itself SCHED_FIFO 50 (irq_thread() in
  // kernel/irq/manage.c), and may have come no further. It has where it sleeps, which nobody is told of; one
  // that goes on running has long begun.
  const std::vector<TuningRow> first = apply();
  const auto limit = std::chrono::steady_clock::now() + start_of_a_thread_;
  do {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  } while (some_run(first, proc) && std::chrono::steady_clock::now() < limit);
  return apply();
}

TuningRow Tuner::apply_thread(const ThreadRule& rule, const ProcessStat& thread) {
  Thread before{thread, {}};  // no CPUs: they are left as they are
  int error = set_policy(thread.pid, rule.policy, rule.priority);
  if (error == 0 && !rule.cpus.empty()) {
    const cpu_set_t wanted = set_of(rule.cpus);
    // What cannot be put back is not changed.
    if (::sched_getaffinity(thread.pid, sizeof(before.cpus), &before.cpus) != 0 ||
        ::sched_setaffinity(thread.pid, sizeof(wanted), &wanted) != 0)
      error = errno;
  }
  if (error == 0 || !rule.cpus.empty()) threads_before_.push_back(before);
  TuningRow row = thread_as_it_is(rule, thread);
  if (error != 0 && !row.ok) row.read_back += " (" + std::string(std::strerror(error)) + ")";
  return row;
}

void Tuner::restore(const std::string& proc) {
  // Best effort. A line's interrupt thread is gone with its line by now, and its number may be another's.
  for (const Thread& before : std::views::reverse(threads_before_)) {
    const ProcessStat& thread = before.stat;
    const auto now = read_process(thread.pid, proc);
    if (!now || !now->kernel_thread || now->name != thread.name) continue;
    // First the CPUs: SCHED_DEADLINE wants all of them.
    if (CPU_COUNT(&before.cpus) > 0) (void)::sched_setaffinity(thread.pid, sizeof(before.cpus), &before.cpus);
    set_policy(thread.pid, thread.policy, thread.rt_priority);
  }
  for (const File& file : std::views::reverse(files_before_)) (void)write_text(file.path, file.value);
  threads_before_.clear();
  files_before_.clear();
}

}  // namespace loopgate
