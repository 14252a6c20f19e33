#include "capture/import_files.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <random>

#include "base/digest.h"
#include "base/file.h"
#include "base/testing/temp_folder.h"
#include "capture/bounds_run.h"
#include "capture/export_run.h"
#include "gate/verdict_text.h"

namespace loopgate::import_files_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

fs::path recorded(const std::string& name) {
  return fs::path(LOOPGATE_SOURCE_DIR) / "fixtures" / "recordings" / "results" / name;
}

ImportRequest request_of(const std::string& program, std::vector<fs::path> files,
                         const std::string& load = "mixed") {
  ImportRequest request;
  request.program = program;
  request.files = std::move(files);
  request.board = {program, "my-board", "preempt-rt", load};
  return request;
}

// As `loopgate import` leaves it.
void import_into(const fs::path& folder, const ImportRequest& request) {
  auto imported = import_files(request);
  ASSERT_TRUE(imported) << imported.error().what;
  ASSERT_TRUE(write_imported(folder, *imported));
}

// As recorded, but for one latency more: the recordings are one measurement in several forms.
std::string next_day(const char* name, const TempFolder& folder) {
  std::string text = read_file(recorded(name)).value();
  text.replace(text.find("000003 900000"), 13, "000003 900001");
  if (const std::size_t total = text.find("002998821"); total != std::string::npos)  // 2.10 tells none
    text.replace(total, 9, "002998822");
  return folder.write("next-day.txt", text).string();
}

VerdictKind verdict_of(const fs::path& folder, const std::string& limits,
                       const std::string& suite = "cyclictest") {
  const TempFolder policies;
  const auto policy = policies.write(
      "p.toml", fmt::format("title = 't'\nsuite = '{}'\ntime_base = 'wall'\n[[budget]]\nkernel = '*'\nload = "
                            "'*'\n{}\n",
                            suite, limits));
  const auto gated = gate_bounds(folder, policy);
  EXPECT_TRUE(gated) << gated.error().what;
  return gated ? gated->verdict.verdict : VerdictKind::not_gated;
}

std::string refusal(const ImportRequest& request, ErrorKind kind) {
  const auto imported = import_files(request);
  if (imported) return "accepted";
  EXPECT_EQ(imported.error().kind, kind);
  return imported.error().what;
}

TEST(ImportFiles, TheKnownAnswer) {
  for (const char* name :
       {"cyclictest-2.4-h60.txt", "cyclictest-2.8-h60.json", "cyclictest-2.4-H60-2threads.txt"}) {
    const TempFolder folder;
    import_into(folder.path(), request_of("cyclictest", {recorded(name)}));
    const auto run = read_bounds(folder.path());
    ASSERT_TRUE(run) << run.error().what;
    const Tail& tail = *run->group().pooled;
    EXPECT_EQ(tail.count(), 2'999'425U);
    EXPECT_EQ(tail.quantile(999'000), (LatencyRange{22'000, 22'999})) << name;
    EXPECT_EQ(tail.quantile(999'900), (LatencyRange{60'000, 1'475'999})) << name;
    EXPECT_EQ(tail.max(), (LatencyRange{1'475'000, 1'475'999}));
    EXPECT_EQ(verdict_of(folder.path(), "p99_99_us = 50"), VerdictKind::fail) << name;
    EXPECT_EQ(verdict_of(folder.path(), "p99_9_us = 23"), VerdictKind::pass);
    EXPECT_EQ(verdict_of(folder.path(), "p99_9_us = 21"), VerdictKind::fail);
    EXPECT_EQ(verdict_of(folder.path(), "p99_99_us = 500"), VerdictKind::inconclusive) << "within [60, 1475]";
    EXPECT_EQ(verdict_of(folder.path(), "p99_99_us = 1476"), VerdictKind::pass);
    EXPECT_EQ(verdict_of(folder.path(), "max_us = 1476"), VerdictKind::pass);
    EXPECT_EQ(verdict_of(folder.path(), "max_us = 1475"), VerdictKind::inconclusive)
        << "it was cut to microseconds";
    EXPECT_EQ(verdict_of(folder.path(), "max_us = 1474"), VerdictKind::fail);
  }
}

TEST(ImportFiles, HasNoHoursToLimit) {
  const TempFolder folder;
  import_into(folder.path(), request_of("cyclictest", {recorded("cyclictest-2.8-h60.json")}));
  const auto policy =
      folder.write("p.toml",
                   "title = 't'\nsuite = 'cyclictest'\ntime_base = 'wall'\n[[budget]]\nkernel = '*'\n"
                   "load = 'mixed'\nexceed = { over_us = 50, max_per_hour = 1.0 }\n");
  const auto gated = gate_bounds(folder.path(), policy);
  ASSERT_FALSE(gated);
  EXPECT_EQ(gated.error().kind, ErrorKind::usage);
  EXPECT_THAT(gated.error().what, HasSubstr("has no single stimuli with their times"));
}

TEST(ImportFiles, KeepsWhereItIsFrom) {
  const fs::path file = recorded("cyclictest-2.8-h60.json");
  const TempFolder folder;
  import_into(folder.path(), request_of("cyclictest", {file}));
  const auto run = read_imported_file(folder.path() / "imported.json");
  ASSERT_TRUE(run) << run.error().what;
  const auto imported = import_files(request_of("cyclictest", {file}));
  EXPECT_EQ(run->sources.front().measurement, imported->sources.front().measurement);
  EXPECT_EQ(run->sources.front().name, "cyclictest-2.8-h60.json");
  EXPECT_EQ(run->sources.front().sha256, sha256_of_file(file).value());
  EXPECT_EQ(run->sources.front().bytes, fs::file_size(file));
  EXPECT_EQ(run->board.kernel, "preempt-rt");
}

TEST(ImportFiles, IsMarkedEverywhereAsSelfMeasured) {
  const TempFolder folder;
  import_into(folder.path(), request_of("rtla", {recorded("rtla-timerlat.txt")}));
  EXPECT_EQ(verdict_of(folder.path(), "max_us = 100", "rtla"), VerdictKind::pass);
  EXPECT_THAT(read_file(folder.path() / "verdict.json").value(),
              HasSubstr("\"self_measured_by\": \"rtla timerlat\""));
  EXPECT_THAT(read_file(folder.path() / "junit.xml").value(),
              HasSubstr("name=\"self_measured_by\" value=\"rtla timerlat\""));
  const std::string markdown = read_file(folder.path() / "verdict.md").value();
  EXPECT_THAT(markdown, HasSubstr("wall-clock time, self-measured by rtla timerlat"));
  EXPECT_THAT(markdown, HasSubstr("16.0 to 17.0 us"));
  const auto run = compute_bounds(folder.path());
  ASSERT_TRUE(run);
  EXPECT_THAT(bounds_text(*run, nullptr), HasSubstr("self-measured by rtla timerlat"));
  EXPECT_THAT(read_file(folder.path() / "bounds.json").value(), HasSubstr("\"self_measured\": true"));
}

TEST(ImportFiles, OneLatencyIsNoLatencies) {
  const TempFolder folder;
  const auto file = folder.write(
      "one.txt",
      "# Histogram\n000001 000000\n# Total: 000000000\n# Min Latencies: 00002\n# Avg Latencies: 00002\n# Max "
      "Latencies: 00002\n# Histogram Overflows: 00001\n");
  const TempFolder imported;
  import_into(imported.path(), request_of("cyclictest", {file}));
  const auto run = read_bounds(imported.path());
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_THAT(bounds_text(*run, nullptr),
              AllOf(HasSubstr("· 1 latency\n"), HasSubstr("1 of them is beyond the last bin"),
                    Not(HasSubstr("latencies"))));
}

TEST(ImportFiles, OfUnlikeKernelsOrClocksAreNotPooled) {
  const TempFolder folder;
  const std::string sound = read_file(recorded("cyclictest-2.8-h60.json")).value();
  const auto altered = [&](const char* name, std::string from, const char* to) {
    std::string text = sound;
    text.replace(text.find(from), from.size(), to);
    folder.write(name, text);
    return (folder.path() / name).string();
  };
  const auto refused = [&](const std::string& other) {
    return refusal(request_of("cyclictest", {recorded("cyclictest-2.8-h60.json"), other}), ErrorKind::usage);
  };
  EXPECT_THAT(refused(altered("generic.json", "6.18.44-rt", "6.1.0")), HasSubstr("is of the kernel 6.1.0"));
  EXPECT_THAT(refused(altered("clock.json", "-m -p95", "-m --clock 1 -p95")),
              HasSubstr("is of the clock CLOCK_REALTIME"));
}

TEST(ImportFiles, AFileThatSaysThatItsProgramFailedIsInvalid) {
  const TempFolder folder;
  std::string text = read_file(recorded("cyclictest-2.8-h60.json")).value();
  const std::string key = "\"return_code\": 0";
  ASSERT_NE(text.find(key), std::string::npos);
  text.replace(text.find(key), key.size(), "\"return_code\": 1");
  folder.write("failed.json", text);
  import_into(folder.path(), request_of("cyclictest", {folder.path() / "failed.json"}));
  const auto run = read_bounds(folder.path());
  ASSERT_TRUE(run);
  ASSERT_EQ(run->group().invalid.size(), 1U);
  EXPECT_THAT(run->group().invalid.front().reason, HasSubstr("ended with 1, by its own file"));
  // An export of it could be imported again, and would pass.
  for (const std::filesystem::path& from : {folder.path(), folder.path() / "failed.json"}) {
    ExportRequest request;
    request.form = ExportForm::histfile;
    request.from = from;
    const auto exported = export_run(request);
    ASSERT_FALSE(exported) << from;
    EXPECT_THAT(exported.error().what, HasSubstr("failed.json is INVALID: cyclictest ended with 1"));
  }
}

TEST(ImportFiles, AReturnCodeThatIsNoNumberIsRefused) {
  const TempFolder folder;
  const std::string text = read_file(recorded("cyclictest-2.8-h60.json")).value();
  const std::string key = "\"return_code\": 0";
  for (const char* other : {"\"1\"", "\"fail\"", "true", "[1]", "null", "0.4"}) {
    std::string altered = text;
    altered.replace(altered.find(key), key.size(), std::string("\"return_code\": ") + other);
    folder.write("odd.json", altered);
    const auto imported = import_files(request_of("cyclictest", {folder.path() / "odd.json"}));
    ASSERT_FALSE(imported) << other;
    EXPECT_THAT(imported.error().what, HasSubstr("\"return_code\" is no whole number"));
  }
}

TEST(ImportFiles, SeveralFilesArePooled) {
  const TempFolder folder;
  import_into(folder.path(), request_of("cyclictest", {recorded("cyclictest-2.8-h60.json"),
                                                       next_day("cyclictest-2.4-h60.txt", folder)}));
  const auto run = read_bounds(folder.path());
  ASSERT_TRUE(run);
  EXPECT_EQ(run->group().pooled->count(), 2 * 2'999'425U + 1);
  EXPECT_EQ(run->group().cells.size(), 2U);
  EXPECT_THAT(refusal(request_of("cyclictest",
                                 {recorded("cyclictest-2.4-h60.txt"), recorded("cyclictest-2.4-h60.txt")}),
                      ErrorKind::usage),
              HasSubstr("would count twice"));
  // As text and as JSON, which cyclictest writes in one run.
  EXPECT_THAT(refusal(request_of("cyclictest",
                                 {recorded("cyclictest-2.8-h60.json"), recorded("cyclictest-2.4-h60.txt")}),
                      ErrorKind::usage),
              HasSubstr("has the very latencies of cyclictest-2.8-h60.json"));
  EXPECT_THAT(refusal(request_of("rtla", {recorded("rtla-timerlat.txt"), recorded("rtla-osnoise.txt")}),
                      ErrorKind::usage),
              HasSubstr("is of rtla osnoise (the length of a noise on the CPU), and rtla-timerlat.txt is of "
                        "rtla timerlat"));
}

TEST(ImportFiles, EventsThatWereLostCanBeAnything) {
  const TempFolder folder;
  const std::string text = read_file(recorded("rtla-timerlat.txt")).value();
  const auto with_events = [&](const std::string& line) {
    fs::remove(folder.path() / "imported.json");
    import_into(folder.path(), request_of("rtla", {folder.write("hist.txt", text + line + "\n")}));
  };
  with_events("500 (0.01%) events missed, results might not be accurate");
  EXPECT_EQ(verdict_of(folder.path(), "max_us = 100", "rtla"), VerdictKind::inconclusive);
  EXPECT_EQ(verdict_of(folder.path(), "max_us = 15", "rtla"), VerdictKind::fail);
  with_events("unknown number of events missed, results might not be accurate");
  EXPECT_EQ(verdict_of(folder.path(), "max_us = 100", "rtla"), VerdictKind::invalid);
}

TEST(ImportFiles, WhatIsInvalidSaysSoWithoutAPolicy) {
  const TempFolder folder;
  const std::string text = read_file(recorded("rtla-timerlat.txt")).value();
  const auto shown_of = [&](const std::string& line) {
    return bounds_text(*bounds_of(*import_files(request_of("rtla", {folder.write("h.txt", text + line)}))),
                       nullptr);
  };
  EXPECT_THAT(shown_of("unknown number of events missed, results might not be accurate\n"),
              HasSubstr("INVALID: h.txt: rtla lost events, and does not know how many\n"));
  EXPECT_THAT(shown_of(""), Not(HasSubstr("INVALID")));
}

// What was seen proves that a limit is broken, and nothing else.
TEST(ImportFiles, OneThatStoppedAtItsOwnLimitFailsALimitThatItSawBroken) {
  const TempFolder folder;
  std::string text = read_file(recorded("cyclictest-2.8-h60.json")).value();
  text.replace(text.find("-m -p95"), 7, "-m -b 100 -p95");
  import_into(folder.path(), request_of("cyclictest", {folder.write("b.json", text)}));
  const auto verdict = [&](const char* limits) { return verdict_of(folder.path(), limits); };
  EXPECT_EQ(verdict("max_us = 1000"), VerdictKind::fail) << "it saw 1,475 us";
  EXPECT_EQ(verdict("max_us = 1000\np50_us = 900"), VerdictKind::fail);
  EXPECT_EQ(verdict("jitter_us = 1000"), VerdictKind::fail);
  EXPECT_EQ(verdict("max_us = 2000"), VerdictKind::invalid) << "what it would have seen, nobody knows";
  EXPECT_EQ(verdict("p99_us = 3"), VerdictKind::invalid) << "that it stopped there chose the share";
  EXPECT_EQ(verdict("exceed = { over_us = 3, max_fraction = 1e-3 }"), VerdictKind::invalid);
  const auto shown = problems_text(gate_bounds(folder.path(), folder.write("p.toml", R"(title = "t"
suite = "cyclictest"
time_base = "wall"
[[budget]]
kernel = "*"
load = "*"
max_us = 1000)"))
                                       ->verdict);
  EXPECT_THAT(shown, HasSubstr("nothing else is judged: b.json: it stopped at its own limit, -b 100"));
}

TEST(ImportFiles, OverflowsThatAreNotSurePassAndFailNothing) {
  const TempFolder folder;
  import_into(folder.path(), request_of("osadl", {recorded("osadl.json")}, "idle"));
  const auto run = read_bounds(folder.path());
  ASSERT_TRUE(run);
  EXPECT_EQ(run->group().pooled->count_above(50'000), (CountRange{1, 13}));
  EXPECT_EQ(verdict_of(folder.path(), "exceed = { over_us = 50, max_fraction = 4e-3 }", "osadl"),
            VerdictKind::inconclusive)
      << "1 of 2,983 is less, and 13 of 2,995 are more";
  EXPECT_EQ(verdict_of(folder.path(), "exceed = { over_us = 50, max_fraction = 1e-2 }", "osadl"),
            VerdictKind::pass);
  EXPECT_EQ(verdict_of(folder.path(), "max_us = 76", "osadl"), VerdictKind::fail);
}

TEST(ImportFiles, RefusesWhatCannotBe) {
  const TempFolder folder;
  const auto broken =
      folder.write("cut.txt", read_file(recorded("cyclictest-2.4-h60.txt")).value().substr(0, 300));
  EXPECT_THAT(refusal(request_of("cyclictest", {broken}), ErrorKind::usage), HasSubstr("cut.txt: line"));
  EXPECT_THAT(refusal(request_of("cyclictest", {folder.path() / "none"}), ErrorKind::usage),
              HasSubstr("can't be read"));
  EXPECT_THAT(refusal(request_of("cyclictest", {folder.path()}), ErrorKind::usage),
              HasSubstr("can't be read"));
  EXPECT_THAT(refusal(request_of("cyclictest", {folder.write("empty", "")}), ErrorKind::usage),
              HasSubstr("is empty"));
  ImportRequest other = request_of("cyclictest", {recorded("cyclictest-2.4-h60.txt")});
  other.options.threads = {"7"};
  EXPECT_THAT(refusal(other, ErrorKind::usage), HasSubstr("has no thread or CPU 7"));
  other.options.threads = {};
  other.options.column = "irq";
  EXPECT_THAT(refusal(other, ErrorKind::usage), HasSubstr("--column is of rtla's"));
  const std::string text = read_file(recorded("cyclictest-2.4-h60.txt")).value();
  const auto of_virtual = folder.write("virtual.txt", "# loopgate: exported, time base virtual\n" + text);
  EXPECT_THAT(refusal(request_of("cyclictest", {of_virtual}), ErrorKind::usage),
              HasSubstr("in virtual time"));
}

// Of every format: what the user names is wrong, and nothing broke.
TEST(ImportFiles, AFileThatIsEmptyOrCutOffIsTheUsersMistake) {
  const TempFolder folder;
  for (const auto& [program, name] :
       {std::pair("cyclictest", "cyclictest-2.4-h60.txt"), std::pair("cyclictest", "cyclictest-2.8-h60.json"),
        std::pair("rtla", "rtla-timerlat.txt"), std::pair("rteval", "rteval-cyclictest.xml"),
        std::pair("jitterdebugger", "jitterdebugger.json"),
        std::pair("jitterdebugger", "jitterdebugger-samples.raw"), std::pair("osadl", "osadl.json")}) {
    const std::string text = read_file(recorded(name)).value();
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{17}, text.size() / 3 | 1})
      EXPECT_THAT(refusal(request_of(program, {folder.write("cut", text.substr(0, size))}), ErrorKind::usage),
                  HasSubstr("cut: "))
          << name << " of " << size;
  }
}

TEST(ImportFiles, TheLoadThatAFileNamesIsNotContradicted) {
  const TempFolder folder;
  const auto of_load = [](const char* program, const fs::path& file, const char* load) {
    return request_of(program, {file}, load);
  };
  EXPECT_THAT(refusal(of_load("osadl", recorded("osadl.json"), "mixed"), ErrorKind::usage),
              HasSubstr("says that it was measured under load idle, and --load says mixed"));
  EXPECT_TRUE(import_files(of_load("osadl", recorded("osadl.json"), "idle")));
  std::string text = read_file(recorded("osadl.json")).value();
  text.replace(text.find("\"idle\""), 6, "\"hackbench\"");
  const fs::path loaded = folder.write("loaded.json", text);
  EXPECT_THAT(refusal(of_load("osadl", loaded, "idle"), ErrorKind::usage), HasSubstr("load hackbench"));
  EXPECT_TRUE(import_files(of_load("osadl", loaded, "mixed"))) << "a name of its user's";
  EXPECT_THAT(refusal(of_load("rteval", recorded("rteval-cyclictest.xml"), "idle"), ErrorKind::usage),
              HasSubstr("rteval's own, 2 of them"));
  const auto exported = folder.write(
      "exported.txt",
      "# loopgate: exported, time base wall\n# loopgate: suite s, board b, kernel k, load mixed, "
      "measured by cyclictest\n" +
          read_file(recorded("cyclictest-2.4-h60.txt")).value());
  EXPECT_THAT(refusal(of_load("cyclictest", exported, "idle"), ErrorKind::usage), HasSubstr("load mixed"));
  EXPECT_TRUE(import_files(of_load("cyclictest", exported, "mixed")));
}

// kernel.org's PREEMPT_RT kernels have no /sys/kernel/realtime, which cyclictest takes for 0.
TEST(ImportFiles, PreemptRtIsConfirmedOpenOrRefused) {
  const TempFolder folder;
  const std::string text = read_file(recorded("cyclictest-2.8-h60.json")).value();
  const auto of_kernel = [&](const std::string& version, const std::string& kernel) {
    std::string altered = text;
    altered.replace(altered.find("#1 SMP PREEMPT_RT"), 17, version);
    altered.replace(altered.find("\"realtime\": 1"), 13, "\"realtime\": 0");
    ImportRequest request = request_of("cyclictest", {folder.write("out.json", altered)});
    request.board.kernel = kernel;
    return request;
  };
  const auto not_confirmed = [&](const ImportRequest& request) -> std::string {
    const auto bounds = bounds_of(import_files(request).value());
    return bounds_text(*bounds, nullptr) + bounds->not_known.back();
  };
  const std::string open = not_confirmed(of_kernel("#1 SMP", "preempt-rt"));
  for (int of_both = 0; of_both < 2; ++of_both)
    EXPECT_NE(
        open.find("kernel preempt-rt: not confirmed: PREEMPT_RT: out.json: the file says realtime 0, and "
                  "kernel.org's PREEMPT_RT kernels say so as well",
                  of_both == 0 ? 0 : open.find("not confirmed") + 1),
        std::string::npos)
        << open;
  for (const char* version : {"#1 SMP PREEMPT_RT", "#1 SMP PREEMPT RT"})
    EXPECT_THAT(not_confirmed(of_kernel(version, "preempt-rt")), Not(HasSubstr("not confirmed")));
  EXPECT_THAT(not_confirmed(of_kernel("#1 SMP", "mine")), Not(HasSubstr("not confirmed")));
  EXPECT_THAT(
      refusal(of_kernel("#1 SMP PREEMPT_DYNAMIC", "preempt-rt"), ErrorKind::usage),
      HasSubstr("has another preemption model than PREEMPT_RT (uname -v), and --kernel says preempt-rt"));
  EXPECT_TRUE(import_files(of_kernel("#1 SMP PREEMPT_DYNAMIC", "generic")));
  EXPECT_THAT(refusal(of_kernel("#1 SMP PREEMPT_RT", "generic"), ErrorKind::usage),
              HasSubstr("has PREEMPT_RT, and --kernel says generic"));
  EXPECT_THAT(not_confirmed(of_kernel("#1 SMP PREEMPT_RT", "mine")),
              HasSubstr("out.json: its kernel has PREEMPT_RT, which the name mine leaves out"));
  EXPECT_THAT(not_confirmed(of_kernel("#1 SMP", "mine")), Not(HasSubstr("leaves out")));
  const std::string told = to_json(*import_files(of_kernel("#1 SMP", "preempt-rt")));
  const auto parsed = parse_imported(told, "f");
  ASSERT_TRUE(parsed) << parsed.error().what;
  EXPECT_EQ(parsed->sources[0].measurement.preempt_rt, PreemptRt::realtime_0);
  std::string earlier = told;
  earlier.replace(earlier.find("\"preempt_rt\": \"realtime 0\",\n"), 28, "");
  const auto of_before = parse_imported(earlier, "f");
  ASSERT_TRUE(of_before) << of_before.error().what;
  EXPECT_EQ(of_before->sources[0].measurement.preempt_rt, PreemptRt::not_told);
}

// Who edits imported.json and seals it anew is found out by its source, which is kept.
TEST(ImportedFile, OneThatWasForgedIsFoundOutByItsSource) {
  const TempFolder folder;
  const fs::path path = folder.path() / "imported.json";
  const fs::path source = folder.path() / "source-1";
  import_into(folder.path(), request_of("cyclictest", {recorded("cyclictest-2.8-h60.json")}));
  const std::string honest = read_file(path).value();
  const std::string original = read_file(source).value();
  const auto problem = [&]() -> std::string {
    const auto run = read_bounds(folder.path());
    if (run) return "accepted";
    EXPECT_EQ(run.error().kind, ErrorKind::data);
    return run.error().what;
  };
  EXPECT_EQ(problem(), "accepted");
  ImportedRun forged = parse_imported(honest, "f").value();
  for (std::optional<std::int64_t>* max :
       {&forged.sources[0].measurement.latencies.max_ns, &forged.sources[0].measurement.threads[0].max_ns})
    *max = **max - 400'000;
  ASSERT_TRUE(write_file_atomically(path, to_json(forged)));
  EXPECT_THAT(problem(), HasSubstr("source-1: is the copy of cyclictest-2.8-h60.json, and imported.json says "
                                   "another thing of it"));
  forged = parse_imported(honest, "f").value();
  forged.sources[0].measurement.system += " of another day";
  ASSERT_TRUE(write_file_atomically(path, to_json(forged)));
  EXPECT_THAT(problem(), HasSubstr("says another thing of it"));
  forged = parse_imported(honest, "f").value();
  forged.sources[0].is_kept = false;
  ASSERT_TRUE(write_file_atomically(path, to_json(forged)));
  EXPECT_THAT(problem(), HasSubstr("that its copy is not kept, which it was"));
  ASSERT_TRUE(write_file_atomically(path, honest));
  ASSERT_TRUE(write_file_atomically(source, original + " "));
  EXPECT_THAT(problem(), HasSubstr("source-1: was altered: its sha256 is not the one in imported.json"));
  fs::remove(source);
  EXPECT_THAT(problem(), HasSubstr("source-1: can't be read, and imported.json has its digest"));
}

// An earlier version kept none, and of a large one there is none: that is told.
TEST(ImportedFile, OneWithoutItsSourceSaysSo) {
  ImportedRun run = import_files(request_of("cyclictest", {recorded("cyclictest-2.8-h60.json")})).value();
  run.sources[0].is_kept = false;
  EXPECT_THAT(
      bounds_of(run)->not_known.back(),
      HasSubstr("whether imported.json says what cyclictest-2.8-h60.json said: there is no copy of it"));
  const TempFolder folder;
  std::string large = read_file(recorded("cyclictest-2.8-h60.json")).value();
  large.append(kept_source_max, ' ');
  const auto read = import_files(request_of("cyclictest", {folder.write("large.json", large)})).value();
  EXPECT_FALSE(read.sources[0].is_kept);
  EXPECT_TRUE(read.sources[0].text.empty());
}

TEST(ImportedFile, OneThatWasAlteredIsRefused) {
  const TempFolder folder;
  import_into(folder.path(), request_of("cyclictest", {recorded("cyclictest-2.8-h60.json")}));
  const fs::path path = folder.path() / "imported.json";
  const std::string text = read_file(path).value();
  const auto problem = [&](const std::string& from, const std::string& to) -> std::string {
    std::string altered = text;
    EXPECT_NE(altered.find(from), std::string::npos) << from;
    altered.replace(altered.find(from), from.size(), to);
    EXPECT_TRUE(write_file_atomically(path, altered));
    const auto run = read_bounds(folder.path());
    if (run) return "accepted";
    EXPECT_EQ(run.error().kind, ErrorKind::data);
    return run.error().what;
  };
  EXPECT_THAT(problem("900000", "900001"), HasSubstr("counts not as many latencies as the histogram holds"));
  EXPECT_THAT(problem("\"wall\"", "\"virtual\""), HasSubstr("time_base must be wall"));
  // Sealed anew it would be refused all the same.
  std::string softer = text;
  const std::string largest = "\"max_ns\": 1475000,\n        \"resolution";
  ASSERT_NE(softer.find(largest), std::string::npos);
  softer.replace(softer.find(largest), largest.size(), "\"max_ns\": 7000,\n        \"resolution");
  const auto parsed = parse_imported(softer, "imported.json");
  ASSERT_TRUE(parsed);
  const auto bounds = bounds_of(*parsed);
  ASSERT_FALSE(bounds);
  EXPECT_THAT(bounds.error().what, HasSubstr("largest latency"));
  EXPECT_THAT(problem("\"files\"", "\"data\""), HasSubstr("files is missing"));
  EXPECT_THAT(problem("\"preempt-rt\"", "\"generic\""), HasSubstr("its sha256 is not that of the text"));
  EXPECT_THAT(problem(text.substr(text.size() / 2), ""), HasSubstr("imported.json"));
}

// What nobody knows of a file is never worse than what is true: known samples, printed as cyclictest would.
TEST(ImportFiles, TheTruthIsAlwaysWithin) {
  std::mt19937_64 random(20);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::int64_t> truth(300 + random() % 4'000);
    for (auto& ns : truth)
      ns = static_cast<std::int64_t>(1'000 + random() % 9'000 + (random() % 50 == 0 ? random() % 90'000 : 0));
    std::sort(truth.begin(), truth.end());
    const std::int64_t bins = 5 + static_cast<std::int64_t>(random() % 60);
    std::map<std::int64_t, int> rows;
    int overflow = 0;
    for (const std::int64_t ns : truth) ns / 1'000 < bins ? ++rows[ns / 1'000] : ++overflow;
    std::string text = "# Histogram\n";
    for (const auto& [row, count] : rows) text += fmt::format("{:06} {:06}\n", row, count);
    text += fmt::format(
        "# Min Latencies: {:05}\n# Avg Latencies: 00005\n# Max Latencies: {:05}\n# Histogram Overflows: "
        "{:05}\n\n",
        truth.front() / 1'000, truth.back() / 1'000, overflow);
    const TempFolder folder;
    import_into(folder.path(), request_of("cyclictest", {folder.write("h.txt", text)}));
    const auto run = read_bounds(folder.path());
    ASSERT_TRUE(run);
    const Tail& tail = *run->group().pooled;
    for (const Quantity& each : quantiles) {
      const std::int64_t exact = truth[nearest_rank(truth.size(), each.per_million) - 1];
      const LatencyRange range = tail.quantile(each.per_million);
      EXPECT_LE(range.low_ns, exact);
      EXPECT_GE(range.high_ns.value_or(-1), exact);
    }
    EXPECT_GE(tail.max().high_ns.value_or(-1), truth.back());
    EXPECT_LE(tail.max().low_ns, truth.back());
  }
}

TEST(Bounds, WhatIsDrawnHoldsAllThatWasCounted) {
  const TempFolder folder;
  import_into(folder.path(), request_of("cyclictest", {recorded("cyclictest-2.8-h60.json"),
                                                       next_day("cyclictest-2.10-h60.txt", folder)}));
  ASSERT_TRUE(compute_bounds(folder.path()));
  const std::string text = read_file(folder.path() / "bounds.json").value();
  EXPECT_THAT(
      text,
      HasSubstr("\"beyond\": {\n   \"lower_ns\": 58000,\n   \"upper_ns\": 1475999,\n   \"count\": 1208\n"))
      << "from the least end of bins";
  EXPECT_THAT(text, HasSubstr("\"p99_99\": [\n"));
  EXPECT_FALSE(holds_bounds(folder.path() / "elsewhere"));
  EXPECT_TRUE(holds_bounds(folder.path()));
  (void)folder.write("run.json", "{}");
  EXPECT_FALSE(holds_bounds(folder.path())) << "a run is a run";
}

}  // namespace
}  // namespace loopgate::import_files_test
