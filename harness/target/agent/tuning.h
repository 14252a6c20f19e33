// Applies a kernel's tuning and checks, and reads everything back: what counts is what the kernel says
// afterwards.
#pragma once

#include <sched.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "protocol/job.h"
#include "protocol/report.h"
#include "target/agent/proc.h"

namespace loopgate {

// "fifo 85", "other", ... as rules and reports write it.
std::string policy_text(int policy, int priority);

// The first rule that matches; null when none does.
const ThreadRule* rule_for(const std::vector<ThreadRule>& rules, const std::string& thread_name);

CheckRow check_file(const FileCheck& check);

// What the kernel says now of what rules asked for, without setting anything. Threads that match a rule and
// were not there when it was applied are among them; one that ends meanwhile is not.
std::vector<TuningRow> files_as_they_are(const std::vector<FileRule>& rules);
std::vector<TuningRow> threads_as_they_are(const std::vector<ThreadRule>& rules,
                                           const std::string& proc = "/proc");

// The policy of each of a process' threads, by its number.
std::map<pid_t, std::string> policies_of(pid_t pid);

// Whether its threads have these policies still. One that ended is left out: its number may be another
// process'.
std::vector<TuningRow> policies_as_they_are(pid_t pid, const std::string& name,
                                            const std::map<pid_t, std::string>& policies);

// Whether a process' threads keep to these CPUs, be it to some of them only.
TuningRow cpus_as_they_are(pid_t pid, const std::string& name, const std::vector<int>& cpus);

// The CPUs that any process of those which `leader` began may run on, as "0,2"; empty where none is left.
std::string cpus_of(pid_t leader, const std::string& proc = "/proc");

// Has a process, and what it starts from now on, keep to these CPUs, and reads that back.
TuningRow keep_to_cpus(pid_t pid, const std::string& name, const std::vector<int>& cpus);

// The threads to look at in an audit: every kernel thread of a real-time policy, and ksoftirqd.
std::vector<ThreadRow> audited_threads(const std::string& proc = "/proc");

// Keeps what was there before, so that restore() can put it back: a board that is tuned stays as it was
// found.
class Tuner {
 public:
  // `start_of_a_thread`: what a thread that was made just now may take at most to give itself its policy.
  explicit Tuner(std::chrono::milliseconds start_of_a_thread = std::chrono::milliseconds(20))
      : start_of_a_thread_(start_of_a_thread) {}

  std::vector<TuningRow> apply_files(const std::vector<FileRule>& rules);
  // A rule that must match and does not gives a row that is not ok.
  std::vector<TuningRow> apply_threads(const std::vector<ThreadRule>& rules,
                                       const std::string& proc = "/proc");
  void restore(const std::string& proc = "/proc");

 private:
  struct File {
    std::string path;
    std::string value;
  };
  struct Thread {
    ProcessStat stat;
    cpu_set_t cpus;
  };
  TuningRow apply_file(const FileRule& rule);
  TuningRow apply_thread(const ThreadRule& rule, const ProcessStat& thread);

  std::chrono::milliseconds start_of_a_thread_;
  std::vector<File> files_before_;
  std::vector<Thread> threads_before_;
};

}  // namespace loopgate
