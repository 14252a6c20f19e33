#include "programs/measuring/measuring_program.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <filesystem>
#include <numeric>
#include <set>

#include "base/testing/temp_folder.h"
#include "programs/measuring/rtla_table.h"

namespace loopgate::measuring_program_test {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string recorded(const std::string& name) {
  return text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/programs/" + name);
}

// NAME.txt is what the program printed, NAME.json its file.
ProgramEnd recorded_end(const std::string& name, bool has_file, int status = 0) {
  ProgramEnd end{.status = status, .printed = recorded(name + ".txt")};
  EXPECT_FALSE(end.printed.empty()) << name;
  if (has_file) end.file = recorded(name + ".json");
  return end;
}

struct Recording {
  const char* key;
  std::vector<std::string> argv;  // of what was recorded
};

// Each is what the program of Debian 13 printed and wrote when it found nothing wrong; what of them could not
// be run here (queuelat, rtla timerlat) is after their sources and documentation.
const std::vector<Recording>& good_recordings() {
  static const std::vector<Recording> all = {
      {"cyclicdeadline", {"cyclicdeadline", "--duration=1"}},
      {"cyclictest", {"cyclictest", "--loops=500", "--histogram=100"}},
      {"deadline_test", {"deadline_test", "-t", "2"}},
      {"google-benchmark", {"primitives", "--iterations", "2000"}},
      {"hackbench", {"hackbench"}},
      {"hwlatdetect", {"hwlatdetect"}},
      {"oslat", {"oslat", "--duration=1"}},
      {"pi_stress", {"pi_stress", "--inversions=100"}},
      {"pip_stress", {"pip_stress"}},
      {"pmqtest", {"pmqtest", "--loops=500"}},
      {"ptsematest", {"ptsematest", "--loops=500"}},
      {"queuelat", {"queuelat"}},
      {"rt-migrate-test", {"rt-migrate-test"}},
      {"rtla-hwnoise", {"rtla", "hwnoise"}},
      {"rtla-osnoise", {"rtla", "osnoise", "hist", "--threshold", "5"}},
      {"rtla-timerlat", {"rtla", "timerlat", "hist"}},
      {"signaltest", {"signaltest", "--loops=500"}},
      {"sigwaittest", {"sigwaittest", "--loops=500"}},
      {"ssdd", {"ssdd"}},
      {"svsematest", {"svsematest", "--loops=500"}}};
  return all;
}

bool has_file(const char* key) { return leaves_file(find_measuring_program(key)->form()); }

ProgramResult judged(const Recording& recording, const ProgramEnd& end) {
  return find_measuring_program(recording.key)->judge(recording.argv, end);
}

const Recording& recording_of(std::string_view key) {
  return *std::ranges::find_if(good_recordings(), [&](const Recording& each) { return key == each.key; });
}

ProgramResult judged(std::string_view key, const ProgramEnd& end) { return judged(recording_of(key), end); }

const ProgramFigure& figure(const ProgramResult& result, const std::string& name) {
  const auto found = std::ranges::find(result.figures, name, &ProgramFigure::name);
  EXPECT_NE(found, result.figures.end()) << name;
  static const ProgramFigure none;
  return found == result.figures.end() ? none : *found;
}

void expect(const ProgramResult& result, ProgramVerdict verdict, const std::string& reason) {
  EXPECT_STREQ(name_of(result.verdict), name_of(verdict)) << result.reason;
  EXPECT_THAT(result.reason, HasSubstr(reason));
}

TEST(EachProgram, HasAKeyOfItsOwnAndARecordingHere) {
  std::set<std::string> keys;
  for (const MeasuringProgram* program : measuring_programs()) keys.insert(program->form().key);
  EXPECT_EQ(keys.size(), 20U);
  ASSERT_EQ(keys.size(), good_recordings().size());
  for (const Recording& each : good_recordings()) EXPECT_TRUE(keys.contains(each.key)) << each.key;
  EXPECT_EQ(find_measuring_program("latencytop"), nullptr);
}

TEST(EachProgram, PassesByItsGoodRecording) {
  for (const Recording& each : good_recordings()) {
    const ProgramResult result = judged(each, recorded_end(each.key, has_file(each.key)));
    EXPECT_STREQ(name_of(result.verdict), "pass") << each.key << ": " << result.reason;
    EXPECT_THAT(result.reason, IsEmpty());
    EXPECT_EQ(result.histogram.has_value(), !result.clock.empty()) << each.key;
    for (const ProgramFigure& seen : result.figures) {
      EXPECT_FALSE(seen.name.empty() || seen.unit.empty()) << each.key;
      const bool is_time = seen.unit == "us" || seen.unit == "s" || seen.unit == "ns";
      EXPECT_EQ(is_time, !seen.clock.empty()) << each.key << ' ' << seen.name;
    }
  }
}

// No exit status of 0 is believed by itself.
TEST(EachProgram, IsInvalidWhereItLeftNothingAndExitedWith0) {
  for (const Recording& each : good_recordings()) {
    for (const auto& file : {std::optional<std::string>(), std::optional<std::string>("")})
      EXPECT_EQ(judged(each, {.status = 0, .file = file}).verdict, ProgramVerdict::invalid) << each.key;
  }
}

TEST(EachProgram, IsInvalidWhereItPrintedRubbishAndExitedWith0) {
  for (const Recording& each : good_recordings()) {
    for (const char* rubbish : {"Usage:\ncyclictest <options>\n",
                                "\x7f"
                                "ELF\x01\x02",
                                "{}", "[1, 2", "T: 0"}) {
      const ProgramEnd end{.status = 0, .printed = rubbish, .file = rubbish};
      EXPECT_EQ(judged(each, end).verdict, ProgramVerdict::invalid) << each.key << ": " << rubbish;
    }
  }
}

TEST(EachProgram, IsInvalidWhereItPrintedWordsForNumbers) {
  const auto worded = [](std::string text) {
    std::ranges::replace_if(text, [](unsigned char c) { return std::isdigit(c) != 0; }, 'x');
    return text;
  };
  for (const Recording& each : good_recordings()) {
    if (std::string(each.key) == "pip_stress" || std::string(each.key) == "ssdd")
      continue;  // they print none
    ProgramEnd end = recorded_end(each.key, has_file(each.key));
    end.printed = worded(end.printed);
    EXPECT_NE(judged(each, end).verdict, ProgramVerdict::pass) << each.key << "'s text";
    if (!has_file(each.key)) continue;
    end = recorded_end(each.key, true);
    end.file = worded(*end.file);
    EXPECT_EQ(judged(each, end).verdict, ProgramVerdict::invalid) << each.key << "'s file";
  }
}

// Every byte near either end, and every fifth of the long tables between them.
std::size_t next_cut(std::size_t at, std::size_t size) { return at + (at < 300 || at + 300 > size ? 1 : 5); }

// Wherever it is cut: it gives what the whole gives, or is invalid.
TEST(EachProgram, IsInvalidOrWholeWhereItsOutputWasCutOff) {
  for (const Recording& each : good_recordings()) {
    const ProgramEnd whole = recorded_end(each.key, has_file(each.key));
    const ProgramResult wanted = judged(each, whole);
    std::size_t invalid = 0;
    const auto check = [&](const ProgramEnd& end, const char* what, std::size_t at) {
      const ProgramResult result = judged(each, end);
      if (result.verdict == ProgramVerdict::invalid) {
        ++invalid;
      } else if (result.verdict != ProgramVerdict::pass || result.histogram != wanted.histogram) {
        ADD_FAILURE() << each.key << "'s " << what << " cut at " << at << " is " << name_of(result.verdict);
      }
    };
    for (std::size_t at = 0; at < whole.printed.size(); at = next_cut(at, whole.printed.size())) {
      ProgramEnd end = whole;
      end.printed.resize(at);
      check(end, "text", at);
    }
    for (std::size_t at = 0; whole.file && at + 1 < whole.file->size();
         at = next_cut(at, whole.file->size())) {
      ProgramEnd end = whole;
      end.file->resize(at);
      check(end, "file", at);
    }
    EXPECT_GT(invalid, whole.printed.size() / 40) << each.key;
  }
}

TEST(EachProgram, IsInvalidWhereItCrashedDidNotEndOrComplained) {
  for (const Recording& each : good_recordings()) {
    ProgramEnd end = recorded_end(each.key, has_file(each.key));
    end.status.reset();
    expect(judged(each, end), ProgramVerdict::invalid, "did not end within its time");
    end.signal = SIGSEGV;
    expect(judged(each, end), ProgramVerdict::invalid, "died by signal 11");
    end.signal.reset();
    end.status = 7;
    end.errors = "first\nmlockall: Cannot allocate memory\n";
    expect(judged(each, end), ProgramVerdict::invalid, "exited with 7: mlockall: Cannot allocate memory");
  }
}

TEST(EachProgram, IsInvalidWhereItsFileSaysThatItFailed) {
  for (const Recording& each : good_recordings()) {
    ProgramEnd end = recorded_end(each.key, has_file(each.key));
    if (!end.file || std::string(each.key) == "google-benchmark") continue;  // not rt-tests' JSON
    const std::size_t at = end.file->find("\"return_code\": 0");
    ASSERT_NE(at, std::string::npos);
    end.file->replace(at, 16, "\"return_code\": 1");
    expect(judged(each, end), ProgramVerdict::invalid, "return_code 1");
  }
}

// Text and file are written apart from each other: one of another run is no proof.
TEST(EachProgram, IsInvalidWhereTextAndFileContradictEachOther) {
  for (const auto& [key, from, to] :
       {std::tuple{"cyclicdeadline", "\"max\": 5", "\"max\": 4"}, std::tuple{"cyclictest", "18591", "18592"},
        std::tuple{"oslat", "\"max\": 15", "\"max\": 14"},
        std::tuple{"pi_stress", "\"inversion\": 101", "\"inversion\": 102"},
        std::tuple{"pmqtest", "\"max\": 11", "\"max\": 12"},
        std::tuple{"signaltest", "\"max\": 22", "\"max\": 21"}}) {
    ProgramEnd end = recorded_end(key, true);
    const std::size_t at = end.file->find(from);
    ASSERT_NE(at, std::string::npos) << key;
    end.file->replace(at, std::string(from).size(), to);
    expect(judged(key, end), ProgramVerdict::invalid, "printed");
  }
}

// ---- The failing ones, each with exit status 0 but where said ----

TEST(Cyclictest, FailsPastItsLimitAlthoughItExitsWith0) {
  expect(judged(Recording{"cyclictest", {"cyclictest", "-b", "1", "--histogram", "100"}},
                recorded_end("cyclictest-limit", true)),
         ProgramVerdict::fail, "stopped at its limit: a latency was 4");
}

TEST(Cyclictest, GivesAHistogramAndWhatIsBeyondIt) {
  const ProgramResult result = judged("cyclictest", recorded_end("cyclictest", true));
  ASSERT_TRUE(result.histogram);
  EXPECT_EQ(result.histogram->overflow, 12U);
  EXPECT_EQ(result.histogram->max_ns, 18'591'000);
  EXPECT_EQ(figure(result, "cycles").value, 500);
  EXPECT_EQ(figure(result, "overflows").value, 12);
  EXPECT_EQ(figure(result, "max").value, 18'591);
  EXPECT_EQ(figure(result, "max").resolution, 1);
  EXPECT_EQ(figure(result, "max").clock, "CLOCK_MONOTONIC");
}

// A mean of cut-off numbers is as much too small as they are.
TEST(EachProgram, CutsItsMeanAsItCutsItsMaximum) {
  int means = 0;
  for (const Recording& each : good_recordings()) {
    const ProgramResult result = judged(each, recorded_end(each.key, has_file(each.key)));
    const auto mean = std::ranges::find(result.figures, "mean", &ProgramFigure::name);
    if (mean == result.figures.end() || mean->unit != "us") continue;
    EXPECT_EQ(mean->resolution, 1) << each.key;
    EXPECT_EQ(mean->resolution, figure(result, "max").resolution) << each.key;
    ++means;
  }
  EXPECT_EQ(means, 7) << "cyclictest, cyclicdeadline, signaltest and the pairs";
  ProgramEnd fine = recorded_end("cyclictest", true);
  fine.file->replace(fine.file->find("\"resolution_in_ns\": 0"), 21, "\"resolution_in_ns\": 1");
  fine.file->replace(fine.file->find("--mlockall"), 10, "--nsecs");
  EXPECT_EQ(figure(judged("cyclictest", fine), "mean").resolution, 0.001);
}

TEST(Cyclictest, IsInvalidWhereItStoppedEarlyWithoutALimit) {
  expect(judged(Recording{"cyclictest", {"cyclictest", "--loops", "501", "--histogram", "100"}},
                recorded_end("cyclictest", true)),
         ProgramVerdict::invalid, "500 of 501 cycles");
}

TEST(Cyclicdeadline, FailsPastItsLimitAndWhereTheKernelTookNoThread) {
  expect(judged("cyclicdeadline", recorded_end("cyclicdeadline-limit", true)), ProgramVerdict::fail,
         "Break value: 3");
  ProgramEnd refused{.status = 0, .printed = "Using all CPUS\n"};
  refused.errors = "WARN: Thread 0 failed: Failed sched_setattr\n";
  refused.file = R"({"return_code": 0, "thread": {"0": {"cycles": 0, "min": 0, "max": 0, "avg": nan}}})";
  expect(judged("cyclicdeadline", refused), ProgramVerdict::fail,
         "did not take a thread into SCHED_DEADLINE");
  refused.errors.clear();
  expect(judged("cyclicdeadline", refused), ProgramVerdict::fail, "thread 0 made no cycle");
  expect(judged(Recording{"cyclicdeadline", {"cyclicdeadline", "--threads", "2"}},
                recorded_end("cyclicdeadline", true)),
         ProgramVerdict::invalid, "ran 1 of 2 threads");
}

TEST(Cyclicdeadline, ThatGaveUpBeforeItMeasuredShowsNothingOfTheKernel) {
  ProgramEnd end{.status = 1, .printed = "Using all CPUS\n"};
  end.errors = "FATAL: Failed to perform task within runtime: Missed by 5212 us\n";
  expect(judged("cyclicdeadline", end), ProgramVerdict::inconclusive,
         "Missed by 5212 us; a longer --interval");
  end.errors += "Segmentation fault\n";
  expect(judged("cyclicdeadline", end), ProgramVerdict::invalid, "it exited with 1");
}

// What the suite rt-tests has of it on Debian's generic kernel under the load mixed.
TEST(DeadlineTest, FailsByWhatItMissedAlthoughItExitsWith0) {
  const ProgramResult result = judged("deadline_test", recorded_end("deadline_test-failed", false));
  expect(result, ProgramVerdict::fail, "154 deadlines and 21 periods were missed");
  EXPECT_EQ(figure(result, "periods").value, 1779);
  EXPECT_EQ(figure(result, "max").value, 11'853);
}

TEST(DeadlineTest, FailsByOneMissedDeadlineOrPeriod) {
  for (const std::string what : {"deadlines", "periods  "}) {
    ProgramEnd end = recorded_end("deadline_test", false);
    const std::string row = "missed " + what + (what == "deadlines" ? "  = " : "  = ");
    const std::size_t at = end.printed.rfind(row + "0");
    ASSERT_NE(at, std::string::npos) << row;
    end.printed[at + row.size()] = '3';
    expect(judged("deadline_test", end), ProgramVerdict::fail, "were missed");
  }
  EXPECT_EQ(figure(judged("deadline_test", recorded_end("deadline_test", false)), "periods").value, 1955);
}

TEST(PipStress, ThatHadNoInversionProvesNothing) {
  expect(judged("pip_stress", {.status = 0, .printed = "No inversion incurred\n"}),
         ProgramVerdict::inconclusive, "nothing was shown");
}

// Without inheritance (a library that leaves PTHREAD_PRIO_INHERIT out) it printed nothing and did not end.
TEST(PipStress, ThatDoesNotEndMayHaveFoundAnInversionOrHaveBeenStarved) {
  expect(judged("pip_stress", {}), ProgramVerdict::invalid,
         "either inheritance did not end its inversion, or");
}

TEST(PiStress, IsInvalidWhereItIgnoredAnOption) {
  ProgramEnd end = recorded_end("pi_stress", true);
  end.errors = "ignoring invalid options 'id=admin,policy=fifo,priority=70'\n";  // as rt-tests 2.6 said it
  expect(judged("pi_stress", end), ProgramVerdict::invalid, "ignoring invalid options 'id=admin");
}

// Beside a task of a priority between those of its groups and of its watchdog. It printed nothing but errors.
TEST(PiStress, FailsByItsWatchdogAndByTheSignalThatItSendsItself) {
  const std::string words = recorded("pi_stress-failed.txt");
  expect(judged("pi_stress", {.signal = SIGTERM, .errors = words}), ProgramVerdict::fail,
         "WATCHDOG triggered: group 0 is deadlocked!");
  expect(judged("pi_stress", {.signal = SIGTERM}), ProgramVerdict::fail, "ended itself by SIGTERM");
  ProgramEnd end = recorded_end("pi_stress", true);
  end.errors = words;
  expect(judged("pi_stress", end), ProgramVerdict::fail, "WATCHDOG");
  expect(
      judged(Recording{"pi_stress", {"pi_stress", "--inversions", "102"}}, recorded_end("pi_stress", true)),
      ProgramVerdict::invalid, "101 of 102");
}

TEST(Pairs, FailPastTheirLimitAndByMessagesThatCameTooLate) {
  expect(judged(Recording{"ptsematest", {"ptsematest", "--loops", "500", "-b", "1"}},
                recorded_end("ptsematest-limit", true)),
         ProgramVerdict::fail, "6 us, above its limit of 1 us");
  expect(judged("ptsematest", recorded_end("ptsematest-limit", true)), ProgramVerdict::invalid,
         "2 of 500 loops");
  // Of rt-tests 2.4 on an x86 host.
  for (const auto& [key, took] : {std::pair{"pmqtest", "52 us"}, std::pair{"sigwaittest", "51 us"},
                                  std::pair{"svsematest", "589 us"}}) {
    const std::vector<std::string> argv = {key, "--loops", "500", "-b", "1"};
    expect(judged(Recording{key, argv}, recorded_end(std::string(key) + "-limit", true)),
           ProgramVerdict::fail, std::string(took) + ", above its limit of 1 us");
  }
  ProgramEnd late = recorded_end("pmqtest", true);
  const std::size_t at = late.file->find("\"timeoutcount\": 0");
  ASSERT_NE(at, std::string::npos);
  late.file->replace(at, 17, "\"timeoutcount\": 3");
  expect(judged("pmqtest", late), ProgramVerdict::fail, "3 messages came too late");
}

TEST(Pairs, SayTheirPriority) {
  const MeasuringProgram& program = ptsematest_program();
  const ProgramEnd end = recorded_end("ptsematest", true);
  EXPECT_TRUE(program.read_back({"--prio", "80"}, end)->as_asked);
  EXPECT_FALSE(program.read_back({"--prio", "81"}, end)->as_asked);
  EXPECT_FALSE(program.read_back({"--loops", "500"}, end));
  EXPECT_FALSE(program.read_back({"--prio", "80"}, ProgramEnd()));
}

TEST(Signaltest, FailsPastItsLimit) {
  expect(judged("signaltest", recorded_end("signaltest-limit", true)), ProgramVerdict::fail,
         "Thread 0 exceeded trace limit.");
}

TEST(Oslat, FailsAtItsThresholdWithoutAFile) {
  expect(judged("oslat", recorded_end("oslat-limit", false, 1)), ProgramVerdict::fail, "with 12 us!");
}

// The bin called 2 holds what was rounded up to 1 us.
TEST(Oslat, CountsItsLastBinAsBeyond) {
  const ProgramResult result = judged("oslat", recorded_end("oslat", true));
  ASSERT_TRUE(result.histogram);
  const LatencyHistogram& histogram = *result.histogram;
  EXPECT_EQ(histogram.count.size(), 31U);
  EXPECT_EQ(histogram.first_ns + histogram.bin_width_ns, 1);
  EXPECT_EQ(histogram.count[1], 22'178'361U);
  EXPECT_EQ(histogram.overflow, 0U);
  EXPECT_EQ(histogram.max_ns, 14'001);
  EXPECT_EQ(figure(result, "max").value, 15) << "as it printed it: more than 14 us";
  EXPECT_TRUE(figure(result, "max").rounded_up);
  EXPECT_EQ(figure(result, "max").resolution, 1);
  ProgramEnd end = recorded_end("oslat", true);
  end.file->replace(end.file->find("\"16\": 1"), 7, "\"32\": 1");
  EXPECT_EQ(judged("oslat", end).histogram->overflow, 1U);
}

// Recorded in an emulated PC, which its host takes from the CPU: gaps that no kernel made.
TEST(Hwlatdetect, FailsByAHitAndIsInvalidByATraceback) {
  const ProgramResult hit = judged("hwlatdetect", recorded_end("hwlatdetect-hit", false, 1));
  expect(hit, ProgramVerdict::fail, "5 samples were above the threshold, the largest 204449 us");
  EXPECT_EQ(figure(hit, "max").value, 204449);
  for (const int status : {0, 1})
    expect(judged("hwlatdetect", recorded_end("hwlatdetect-traceback", false, status)),
           ProgramVerdict::invalid, "Python traceback, which is no hit");
  expect(judged("hwlatdetect", recorded_end("hwlatdetect-no-tracer", false, 1)), ProgramVerdict::invalid,
         "Python traceback, which is no hit");  // recorded on an x86 host without the hwlat tracer
  expect(judged("hwlatdetect", recorded_end("hwlatdetect-hit", false, 0)), ProgramVerdict::invalid,
         "contradicts itself: 204449 us is above its limit, and it exited with 0");
}

TEST(Hwlatdetect, TellsHitsThatItsHardLimitAllows) {
  const std::vector<std::string> argv = {"hwlatdetect", "--threshold=10", "--hardlimit=1000000"};
  const ProgramEnd end = recorded_end("hwlatdetect-below-hardlimit", false);
  const ProgramResult allowed = find_measuring_program("hwlatdetect")->judge(argv, end);
  expect(allowed, ProgramVerdict::pass, "");
  EXPECT_EQ(figure(allowed, "hits").value, 5);
  EXPECT_EQ(figure(allowed, "max").value, 12068);
}

// suites/README.md names those without one: who records a failure takes it from both lists. pip_stress prints
// nothing when it fails, and the last two have no limit of their own.
TEST(MeasuringPrograms, WithoutAFailingOutputAreNamed) {
  const auto there_is = [](const std::string& name) {
    return std::filesystem::exists(std::filesystem::path(LOOPGATE_SOURCE_DIR) / "fixtures" / "recordings" /
                                   "programs" / (name + ".txt"));
  };
  std::vector<std::string> without;
  for (const Recording& each : good_recordings()) {
    const std::string key = each.key;
    if (!there_is(key + "-limit") && !there_is(key + "-failed") && !there_is(key + "-hit") &&
        !there_is(key + "-exceeded"))
      without.push_back(key);
  }
  EXPECT_THAT(without, ::testing::UnorderedElementsAre("pip_stress", "hackbench", "google-benchmark"));
}

TEST(Hackbench, IsInvalidWhereItGaveUp) {
  expect(judged("hackbench", recorded_end("hackbench-gave-up", false, 1)), ProgramVerdict::invalid,
         "exited with 1");
  ProgramEnd end = recorded_end("hackbench", false);
  end.errors = "longjmp'ed out, reaping children\n";
  expect(judged("hackbench", end), ProgramVerdict::invalid, "gave up: longjmp'ed out");
  EXPECT_EQ(figure(judged("hackbench", recorded_end("hackbench", false)), "time").value, 0.239);
}

// Nobody may attach to a process there (kernel.yama.ptrace_scope = 3).
TEST(Ssdd, FailsWhereStatusAndTextSaySo) {
  expect(judged("ssdd", recorded_end("ssdd-failed", false, 1)), ProgramVerdict::fail,
         "one or more of its tests failed: forktest#0/124: EXITING, ERROR: attach failed.  errno 1");
  const std::string words = "One or more tests FAILED.\n";
  expect(judged("ssdd", {.status = 1, .printed = words}), ProgramVerdict::fail, "tests failed");
  expect(judged("ssdd", {.status = 0, .printed = words}), ProgramVerdict::invalid, "did not print");
}

TEST(RtMigrateTest, FailsWhereStatusAndTextSaySo) {
  ProgramEnd end = recorded_end("rt-migrate-test-failed", true, 255);
  expect(judged("rt-migrate-test", end), ProgramVerdict::fail, "lower priority ran before");
  end.status = 0;
  expect(judged("rt-migrate-test", end), ProgramVerdict::invalid, "did not print that it passed");
  EXPECT_EQ(
      figure(judged("rt-migrate-test", recorded_end("rt-migrate-test", true)), "max of the highest task")
          .value,
      10);
}

TEST(Queuelat, FailsByAQueueThatGrewTooLongAlthoughItExitsWith0) {
  expect(judged("queuelat", recorded_end("queuelat-exceeded", false)), ProgramVerdict::fail,
         "queue_size=1012");
  // Of rt-tests 2.4 on an x86 host: queues of 8 packets, and of 2.
  const ProgramResult passed = judged("queuelat", recorded_end("queuelat-x86", false));
  expect(passed, ProgramVerdict::pass, "");
  EXPECT_EQ(figure(passed, "longest loop").resolution, 100);
  // On qemu-q35-amd64 all loops are of the class [0 - 99].
  ProgramEnd fast = recorded_end("queuelat-x86", false);
  fast.printed = "Max loop processing time: [0 - 99] = 31346\nAvg loop processing time: 99\n";
  const ProgramResult under = judged("queuelat", fast);
  EXPECT_EQ(figure(under, "longest loop").value, 100);
  EXPECT_TRUE(figure(under, "longest loop").rounded_up) << "from above 0";
  expect(judged("queuelat", recorded_end("queuelat-x86-exceeded", false)), ProgramVerdict::fail,
         "queue_size=4573 max_queue_len=2");
  ProgramEnd end = recorded_end("queuelat", false);
  end.printed += "failure to allocate 100000 bytes  for dest\n";
  expect(judged("queuelat", end), ProgramVerdict::invalid, "failure to allocate");
}

TEST(RtlaTimerlat, KeepsItsThreeKindsApart) {
  const ProgramResult result = judged("rtla-timerlat", recorded_end("rtla-timerlat", false));
  ASSERT_TRUE(result.histogram);
  EXPECT_EQ(std::accumulate(result.histogram->count.begin(), result.histogram->count.end(), 0ULL),
            1'800'001U);
  EXPECT_EQ(result.histogram->max_ns, 19'000) << "of user space, the end of the path";
  EXPECT_EQ(result.histogram->bin_width_ns, 1'000);
  EXPECT_EQ(figure(result, "max of the interrupt").value, 7);
  EXPECT_EQ(figure(result, "max of the thread").value, 16);
}

// Of Linux 6.12's rtla on an emulated board. hwnoise calls itself osnoise there.
TEST(Rtla, FailsAtItsLimitAlthoughItExitsWith0) {
  expect(judged(Recording{"rtla-osnoise", {"rtla", "osnoise", "hist", "--threshold", "5", "--stop", "50"}},
                recorded_end("rtla-osnoise-limit", false)),
         ProgramVerdict::fail, "rtla osnoise hit stop tracing");
  expect(judged(Recording{"rtla-hwnoise", {"rtla", "hwnoise", "--stop", "50"}},
                recorded_end("rtla-hwnoise-limit", false)),
         ProgramVerdict::fail, "osnoise hit stop tracing");
  expect(judged(Recording{"rtla-timerlat", {"rtla", "timerlat", "hist", "--auto", "50"}},
                recorded_end("rtla-timerlat-limit", false)),
         ProgramVerdict::fail, "rtla timerlat hit stop tracing");
}

// As recorded: its duration was over before rtla looked.
TEST(RtlaTimerlat, FailsAtALimitOfWhichItDoesNotTell) {
  const ProgramEnd end = recorded_end("rtla-timerlat-limit-untold", false);
  expect(judged(Recording{"rtla-timerlat", {"rtla", "timerlat", "hist", "--thread", "5000"}}, end),
         ProgramVerdict::fail, "its max of the thread is 6973 us, and its limit 5000 us");
  expect(judged("rtla-timerlat", end), ProgramVerdict::pass, "");
  const ProgramEnd whole = recorded_end("rtla-timerlat", false);  // 7, 16 and 19 us
  const auto with = [&](const char* option, const char* limit) {
    return judged(Recording{"rtla-timerlat", {"rtla", "timerlat", "hist", option, limit}}, whole);
  };
  expect(with("--auto", "20"), ProgramVerdict::pass, "");
  expect(with("--irq", "8"), ProgramVerdict::pass, "");
  expect(with("--irq", "7"), ProgramVerdict::fail, "max of the interrupt is 7 us");
  expect(with("--thread", "16"), ProgramVerdict::fail, "max of the thread is 16 us");
  expect(with("--thread", "18"), ProgramVerdict::fail, "max in user space is 19 us");
  expect(with("--thread", "0"), ProgramVerdict::pass, "");
}

TEST(Rtla, IsNotApplicableWithoutItsTracer) {
  expect(judged("rtla-timerlat", recorded_end("rtla-timerlat-no-tracer", false, 1)),
         ProgramVerdict::not_applicable, "Tracer timerlat not found!");
}

// As Linux 6.12 prints it.
TEST(RtlaOsnoise, HasAnAverageWithDecimals) {
  ProgramEnd end = recorded_end("rtla-osnoise", false);
  end.printed =
      "# RTLA osnoise histogram\n# Time unit is microseconds (us)\nIndex   CPU-000\n1         100\n5         "
      "  "
      "2\nover:         1\ncount:      103\nmin:          1\navg:       1.00\nmax:        394\n";
  const ProgramResult result = judged("rtla-osnoise", end);
  EXPECT_EQ(result.verdict, ProgramVerdict::pass) << result.reason;
  EXPECT_EQ(figure(result, "noises").value, 103);
  end.printed.resize(end.printed.find("count:"));
  expect(judged("rtla-osnoise", end), ProgramVerdict::invalid, "it has no max:");
}

// As rtla prints it where a whole session was without one: no column, and zeros.
TEST(RtlaOsnoise, WithoutANoisePassesWithItsThresholdAsTheBound) {
  const std::string none =
      "# RTLA osnoise histogram\n# Time unit is microseconds (us)\n# Duration:   0 00:00:02\nIndex\n"
      "over: 0\ncount: 0\nmin: 0\navg: 0\nmax: 0\n";
  const auto max_of = [&](std::vector<std::string> options) {
    const auto argv = command_line_of(rtla_osnoise_program().form(), {.arguments = std::move(options)}, "");
    const ProgramResult result = judged(Recording{"rtla-osnoise", *argv}, {.status = 0, .printed = none});
    EXPECT_EQ(result.verdict, ProgramVerdict::pass) << result.reason;
    EXPECT_EQ(figure(result, "noises").value, 0);
    EXPECT_EQ(figure(result, "max").value, 0);
    EXPECT_FALSE(result.histogram);
    return figure(result, "max").resolution;
  };
  EXPECT_EQ(max_of({}), 5);
  EXPECT_EQ(max_of({"--threshold", "20"}), 20);
  EXPECT_EQ(max_of({"-a", "50"}), 5) << "or less";
  expect(judged(Recording{"rtla-osnoise", {"rtla", "osnoise", "hist", "-T", "0"}},
                {.status = 0, .printed = none}),
         ProgramVerdict::inconclusive, "nobody knows its threshold");
  const auto damaged = [&](const std::string& from, const std::string& to) {
    std::string text = none;
    text.replace(text.find(from), from.size(), to);
    return judged("rtla-osnoise", {.status = 0, .printed = text});
  };
  expect(damaged("max: 0\n", ""), ProgramVerdict::invalid, "cut off");
  EXPECT_EQ(damaged("count: 0", "count: 2").verdict, ProgramVerdict::invalid);
  EXPECT_EQ(damaged("max: 0\n", "max: 0\n3 events missed\n").verdict, ProgramVerdict::invalid);
  EXPECT_EQ(damaged("Index", "").verdict, ProgramVerdict::invalid);
  // Its noises were all beyond the table, of which rtla prints zeros, too.
  EXPECT_EQ(damaged("Index", "Index   CPU-000").verdict, ProgramVerdict::invalid);
  EXPECT_EQ(damaged("Index", "Index   CPU-000   CPU-001").verdict, ProgramVerdict::invalid);
  EXPECT_EQ(judged("rtla-osnoise", {.status = 1, .printed = none}).verdict, ProgramVerdict::invalid);
}

TEST(RtlaTimerlat, IsNoPassOfWhatItLost) {
  ProgramEnd end = recorded_end("rtla-timerlat", false);
  end.printed += "12 events missed\n";
  expect(judged("rtla-timerlat", end), ProgramVerdict::inconclusive, "it lost 12 events");
}

TEST(RtlaOsnoise, CountsWhatIsBeyondItsTable) {
  const ProgramResult result = judged("rtla-osnoise", recorded_end("rtla-osnoise", false));
  ASSERT_TRUE(result.histogram);
  EXPECT_EQ(result.histogram->overflow, 154U);
  EXPECT_EQ(figure(result, "noises").value, 504);
  EXPECT_EQ(figure(result, "max").value, 45'038);
  ProgramEnd end = recorded_end("rtla-osnoise", false);
  end.printed.replace(end.printed.find("19        17"), 12, "19        16");
  expect(judged("rtla-osnoise", end), ProgramVerdict::invalid, "\"over:\" hold 238");
}

// ---- Command lines ----

// ---- Google Benchmark: two files, each of which is a whole one by itself ----

ProgramResult judged_part(const ProgramEnd& end) {
  return judged(Recording{"google-benchmark", {"primitives", "--iterations", "10"}}, end);
}

// With the first `from` in one of the two changed.
ProgramEnd changed(ProgramEnd end, std::string ProgramEnd::* text, const std::string& from,
                   const std::string& to) {
  const std::size_t at = (end.*text).find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) (end.*text).replace(at, from.size(), to);
  return end;
}

ProgramEnd changed_file(ProgramEnd end, const std::string& from, const std::string& to) {
  ProgramEnd file{.printed = *end.file};
  end.file = changed(file, &ProgramEnd::printed, from, to).printed;
  return end;
}

TEST(GoogleBenchmark, GivesItsMeanAndTheHistogramOfSingleIterations) {
  const ProgramResult result = judged("google-benchmark", recorded_end("google-benchmark", true));
  ASSERT_TRUE(result.histogram);
  EXPECT_NEAR(figure(result, "mean").value, 722.8, 0.5) << "without the clock's own path";
  EXPECT_EQ(figure(result, "mean").clock, "CLOCK_MONOTONIC");
  EXPECT_EQ(figure(result, "iterations").value, 2'000);
  EXPECT_EQ(result.histogram->min_ns, 720);
  EXPECT_EQ(result.histogram->max_ns, 3'680);
  EXPECT_EQ(result.histogram->resolution_ns, 16);
  EXPECT_EQ(std::accumulate(result.histogram->count.begin(), result.histogram->count.end(), 0U), 2'000U);
  EXPECT_EQ(judged_part(recorded_end("google-benchmark-part", true)).verdict, ProgramVerdict::pass);
}

// Google Benchmark exits with 0 then.
TEST(GoogleBenchmark, IsInvalidWhereTheLibraryToldOfAnError) {
  const ProgramEnd good = recorded_end("google-benchmark", true);
  for (const char* key : {"error_occurred", "skipped"})
    expect(judged("google-benchmark", changed(good, &ProgramEnd::printed, "\"run_type\"",
                                              "\"" + std::string(key) +
                                                  "\": true, \"error_message\": \"no line\", \"run_type\"")),
           ProgramVerdict::invalid, key);
  expect(judged("google-benchmark", changed(good, &ProgramEnd::printed, "\"benchmarks\": [", "\"none\": [")),
         ProgramVerdict::invalid, "not of one benchmark");
  expect(judged("google-benchmark", changed(good, &ProgramEnd::printed, "\"ns\"", "\"us\"")),
         ProgramVerdict::invalid, "not in ns");
  expect(judged("google-benchmark",
                changed(good, &ProgramEnd::printed, "\"run_type\"", "\"real_time\": 1, \"run_type\"")),
         ProgramVerdict::invalid, "has the key \"real_time\" in one object twice");
  expect(judged("google-benchmark", changed(good, &ProgramEnd::printed, "\"iteration\"", "\"aggregate\"")),
         ProgramVerdict::invalid, "lacks");
}

TEST(GoogleBenchmark, IsInvalidWhereTheTwoFilesContradictEachOther) {
  const ProgramEnd good = recorded_end("google-benchmark", true);
  for (const auto& [from, to, why] :
       {std::tuple{"\"iterations\": 2000", "\"iterations\": 1999", "counts 1999 iterations"},
        std::tuple{"null-call", "epoll", "ran"},
        std::tuple{"\"real_time\": 7", "\"real_time\": 8", "mean is"}}) {
    ProgramEnd other = changed(good, &ProgramEnd::printed, from, to);
    if (std::string(to) == "epoll")
      other = changed(other, &ProgramEnd::printed, "\"run_name\": \"null-call", "\"run_name\": \"epoll");
    expect(judged("google-benchmark", other), ProgramVerdict::invalid, why);
  }
  const ProgramEnd part = recorded_end("google-benchmark-part", true);
  for (const char* mean : {"\"real_time\": 2", "\"real_time\": 9"})
    expect(judged_part(changed(part, &ProgramEnd::printed, "\"real_time\": 1", mean)),
           ProgramVerdict::invalid, "Google Benchmark's mean is");
  expect(judged(Recording{"google-benchmark", {"primitives", "--iterations", "2001"}}, good),
         ProgramVerdict::invalid, "ran 2000 of 2001 iterations");
}

TEST(GoogleBenchmark, IsInvalidWhereTheHistogramsSumsDisagreeWithItsCounts) {
  const ProgramEnd good = recorded_end("google-benchmark", true);
  for (const auto& [from, to, why] :
       {std::tuple{"[1958,", "[1957,", "has 1999 iterations, and says 2000"},
        std::tuple{"\"sum_ns\":1", "\"sum_ns\":2", "and it says 2"},
        std::tuple{"\"max_ns\":3", "\"max_ns\":9", "last bin"},
        std::tuple{"\"min_ns\":7", "\"min_ns\":8", "and it says"},
        std::tuple{"[0,184", "[185,184", "bin must rise"},
        std::tuple{"\"bin_width_ns\":16", "\"bin_width_ns\":0", "bin_width_ns must be from 1"},
        std::tuple{"\"whole\"", "\"hole\"", "times must be part or whole"},
        std::tuple{"\"loop_ns\":1448368", "\"loop_ns\":1440000", "the program's clock saw 1440000 ns"},
        std::tuple{"\"bin\":[0,", "\"bin\":[", "bin must be as many as count"},
        std::tuple{"\"clock\"", "\"clocks\"", "clock is missing"}})
    expect(judged("google-benchmark", changed_file(good, from, to)), ProgramVerdict::invalid, why);
}

// Its first thread sleeps for 10 ms now and then, which the other one's 10,025 us are of.
TEST(Signaltest, HasTheFiguresOfItsFirstThreadAlone) {
  const ProgramResult result = judged("signaltest", recorded_end("signaltest", true));
  EXPECT_EQ(figure(result, "max").value, 22);
  EXPECT_EQ(figure(result, "min").value, 16);
  EXPECT_EQ(figure(result, "mean").value, 16.58);
  EXPECT_EQ(figure(result, "cycles").value, 500);
  const ProgramEnd fewer =
      changed_file(recorded_end("signaltest", true), "\"cycles\": 500", "\"cycles\": 499");
  expect(judged("signaltest", fewer), ProgramVerdict::invalid, "a thread made 499 of 500 cycles");
}

TEST(GoogleBenchmark, IsNotApplicableWhereTheTargetLacksItsLibraryOrChip) {
  ProgramEnd end{.status = 7, .errors = "primitives: there is no GPIO chip \"x\"\n"};
  expect(judged("google-benchmark", end), ProgramVerdict::not_applicable, "there is no GPIO chip");
  end = {.status = 127};
  end.errors =
      "primitives: error while loading shared libraries: libbenchmark.so.1.9.1: cannot open shared object "
      "file: "
      "No such file or directory\n";
  expect(judged("google-benchmark", end), ProgramVerdict::not_applicable, "libbenchmark.so.1.9.1");
  end = {.status = 1};
  end.errors = "primitives: /lib/libc.so.6: version `GLIBC_2.38' not found (required by primitives)\n";
  expect(judged("google-benchmark", end), ProgramVerdict::not_applicable, "GLIBC_2.38");
  end.errors = "terminate called\n";
  expect(judged("google-benchmark", end), ProgramVerdict::invalid, "exited with 1: terminate called");
}

TEST(GoogleBenchmark, TellsItsPolicyAndPriority) {
  const auto told = [](const ProgramOption& option) {
    return google_benchmark_program().read_back(option, recorded_end("google-benchmark-part", true));
  };
  EXPECT_TRUE(told({"--policy", "fifo"})->as_asked);
  EXPECT_FALSE(told({"--policy", "rr"})->as_asked);
  EXPECT_EQ(told({"--priority", "79"})->text, "80");
  EXPECT_FALSE(told({"--iterations", "10"}));
}

TEST(CommandLine, HasTheOptionsThatTheProgramIsReadByAtItsEnd) {
  ProgramOrder order{.arguments = {"--mlockall"}, .loops = 500};
  order.scheduling = ProgramScheduling{"rr", 80};
  const auto argv = command_line_of(cyclictest_program().form(), order, "/run/loopgate/c.json");
  ASSERT_TRUE(argv) << argv.error().what;
  EXPECT_THAT(*argv, ElementsAre("cyclictest", "--mlockall", "--loops", "500", "--policy", "rr", "--priority",
                                 "80", "--quiet", "--histogram", "10000", "--json", "/run/loopgate/c.json"));
  order = {.arguments = {"nanosleep"}, .loops = 9};
  order.scheduling = ProgramScheduling{"deadline", 0};
  EXPECT_THAT(*command_line_of(google_benchmark_program().form(), order, "h"),
              ElementsAre("primitives", "nanosleep", "--iterations", "9", "--policy", "deadline",
                          "--benchmark_format=json", "--histogram", "h"));
  order = {.duration_s = 2};
  order.scheduling = ProgramScheduling{"fifo", 90};
  EXPECT_THAT(*command_line_of(rtla_timerlat_program().form(), order, ""),
              ElementsAre("rtla", "timerlat", "hist", "--duration", "2", "--priority", "f:90"));
}

TEST(CommandLine, IsRefusedWhereTheProgramHasNoSuchOptionOrCouldNotBeRead) {
  const auto why = [](const MeasuringProgram& program, const ProgramOrder& order) {
    const auto argv = command_line_of(program.form(), order, "f");
    EXPECT_FALSE(argv);
    return argv ? std::string() : argv.error().what;
  };
  EXPECT_THAT(why(pip_stress_program(), {.loops = 2}), StartsWith("pip_stress has no option for loops"));
  EXPECT_THAT(why(ssdd_program(), {.duration_s = 2}), HasSubstr("has no option for duration_s"));
  EXPECT_THAT(why(ssdd_program(), {.scheduling = ProgramScheduling{"fifo", 1}}),
              HasSubstr("chooses its own"));
  EXPECT_THAT(why(oslat_program(), {.scheduling = ProgramScheduling{"rr", 1}}), HasSubstr("as fifo alone"));
  EXPECT_THAT(why(cyclictest_program(), {.scheduling = ProgramScheduling{"deadline", 0}}),
              HasSubstr("does not run as deadline"));
  EXPECT_THAT(why(google_benchmark_program(), {.arguments = {"--benchmark_repetitions=2"}}),
              HasSubstr("could not be read under --benchmark_repetitions"));
  EXPECT_THAT(why(oslat_program(), {.arguments = {"--bias"}}), HasSubstr("could not be read under --bias"));
  EXPECT_THAT(why(oslat_program(), {.arguments = {"--duration=3"}}), HasSubstr("gets --duration from"));
  EXPECT_THAT(why(oslat_program(), {.arguments = {"a\"b"}}), HasSubstr("with a quote"));
  EXPECT_THAT(why(cyclictest_program(), {.arguments = {"-D", "1m"}}), HasSubstr("gets -D from"));
}

std::string spelling_refused(const MeasuringProgram& program, const std::vector<std::string>& arguments) {
  const auto argv = command_line_of(program.form(), {.arguments = arguments}, "f");
  EXPECT_FALSE(argv) << arguments.front();
  return argv ? std::string() : argv.error().what;
}

// getopt(3) takes them; an adapter would not see them.
TEST(CommandLine, IsRefusedWhereAnOptionIsGluedToItsValueOrAbbreviated) {
  EXPECT_EQ(spelling_refused(rtla_timerlat_program(), {"-b5"}),
            "rtla-timerlat takes no option that is spelled \"-b5\" from a suite: write -b and what follows "
            "it as words of their own");
  EXPECT_THAT(spelling_refused(rtla_osnoise_program(), {"--bucket-s", "5"}),
              HasSubstr("spelled \"--bucket-s\" from a suite: write --bucket-size"));
  EXPECT_THAT(spelling_refused(rtla_osnoise_program(), {"--bucket-s=5"}), HasSubstr("write --bucket-size"));
  EXPECT_THAT(spelling_refused(oslat_program(), {"-W100"}), HasSubstr("write -W and"));
  EXPECT_THAT(spelling_refused(cyclictest_program(), {"-mS"}), HasSubstr("write -m and"));
  EXPECT_THAT(spelling_refused(signaltest_program(), {"-l500"}), HasSubstr("write -l and"));
  for (const MeasuringProgram* pair :
       {&ptsematest_program(), &pmqtest_program(), &sigwaittest_program(), &svsematest_program()})
    EXPECT_THAT(spelling_refused(*pair, {"-b50"}), HasSubstr("write -b and")) << pair->form().key;
  // Digits are options of rtla: -0 is --no-header.
  for (const char* word : {"-0", "-1", "--", "-", "--unknown", "-t=4"})
    EXPECT_THAT(spelling_refused(rtla_timerlat_program(), {"--cpus", word}),
                AnyOf(HasSubstr("it may be given"), HasSubstr("write -t")))
        << word;
  EXPECT_THAT(spelling_refused(google_benchmark_program(), {"--benchmark_min_time=3"}),
              HasSubstr("it may be given --chip, --line"));
}

TEST(CommandLine, IsRefusedWhereANumberThatIsReadIsNone) {
  for (const char* value : {"50us", "0x10", "", "1e3"})
    EXPECT_THAT(spelling_refused(ptsematest_program(), {"-b", value}),
                HasSubstr("takes a whole number after -b"))
        << value;
  EXPECT_THAT(spelling_refused(rtla_timerlat_program(), {"--entries=all"}), HasSubstr("after --entries"));
}

// Each spelling that a suite may write is taken, and glued to something none is.
TEST(EachProgram, TakesItsOptionsInTheirSpellingsAlone) {
  for (const MeasuringProgram* program : measuring_programs()) {
    const ProgramForm& form = program->form();
    for (const std::string& option : form.options) {
      EXPECT_TRUE(command_line_of(form, {.arguments = {option, "5"}}, "f")) << form.key << ' ' << option;
      EXPECT_FALSE(command_line_of(form, {.arguments = {option + "5"}}, "f")) << form.key << ' ' << option;
      EXPECT_EQ(std::ranges::count(form.options, option), 1) << form.key << ' ' << option;
    }
    for (const std::vector<std::string>& others : {form.refused, form.aliases})
      for (const std::string& option : others) {
        EXPECT_FALSE(command_line_of(form, {.arguments = {option, "5"}}, "f")) << form.key << ' ' << option;
        EXPECT_EQ(std::ranges::count(form.options, option), 0) << form.key << ' ' << option;
      }
    for (const std::string& option : form.numbers)
      EXPECT_EQ(std::ranges::count(form.options, option), 1) << form.key << ' ' << option;
  }
}

}  // namespace
}  // namespace loopgate::measuring_program_test
