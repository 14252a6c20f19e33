#include "programs/result/result_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <numeric>

#include "base/testing/temp_folder.h"
#include "programs/result/cyclictest_json.h"

namespace loopgate::result_file_test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string recorded(const std::string& name) {
  const std::string text =
      text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/results/" + name);
  EXPECT_FALSE(text.empty()) << name;
  return text;
}

Result<SelfMeasurement> read(const std::string& program, std::string_view text,
                             const ResultOptions& options = {}, std::size_t portion = 1'000'000) {
  auto reader = open_result(program, text.substr(0, result_beginning), options);
  if (!reader) return tl::unexpected(reader.error());
  for (; !text.empty(); text.remove_prefix(std::min(portion, text.size())))
    if (auto taken = (*reader)->take(text.substr(0, portion)); !taken) return tl::unexpected(taken.error());
  return (*reader)->finish();
}

SelfMeasurement good(const std::string& program, const std::string& text, const ResultOptions& options = {}) {
  auto measured = read(program, text, options);
  EXPECT_TRUE(measured) << measured.error().what;
  return measured.value_or(SelfMeasurement{});
}

std::string refusal(const std::string& program, const std::string& text, ErrorKind kind = ErrorKind::data,
                    const ResultOptions& options = {}) {
  const auto measured = read(program, text, options);
  if (measured) return "accepted";
  EXPECT_EQ(measured.error().kind, kind) << measured.error().what;
  return measured.error().what;
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::uint64_t binned(const LatencyHistogram& histogram) {
  return std::accumulate(histogram.count.begin(), histogram.count.end(), std::uint64_t{0});
}

std::int64_t end_ns(const LatencyHistogram& histogram) {
  return histogram.first_ns + static_cast<std::int64_t>(histogram.count.size()) * histogram.bin_width_ns;
}

const std::vector<std::pair<std::string, std::string>> recordings = {
    {"cyclictest", "cyclictest-2.4-h60.txt"},
    {"cyclictest", "cyclictest-2.10-h60.txt"},
    {"cyclictest", "cyclictest-2.4-H60-2threads.txt"},
    {"cyclictest", "cyclictest-2.10-H60-2threads.txt"},
    {"cyclictest", "cyclictest-2.8-h60.json"},
    {"rtla", "rtla-timerlat.txt"},
    {"rtla", "rtla-osnoise.txt"},
    {"rteval", "rteval-cyclictest.xml"},
    {"rteval", "rteval-3.11-cyclictest.xml"},
    {"jitterdebugger", "jitterdebugger.json"},
    {"jitterdebugger", "jitterdebugger-0.3.json"},
    {"jitterdebugger", "jitterdebugger-samples.raw"},
    {"jitterdebugger", "jitterdebugger-samples.csv"},
    {"osadl", "osadl.json"},
    {"osadl", "osadl-mk-rtdataset.json"}};

TEST(ResultFile, AFileIsReadAlikeInWhateverPortions) {
  for (const auto& [program, name] : recordings) {
    const std::string text = recorded(name);
    const SelfMeasurement whole = good(program, text);
    for (const std::size_t portion : {1U, 7U, 64U}) {
      auto reader = open_result(program, text, {});
      ASSERT_TRUE(reader);
      for (std::size_t at = 0; at < text.size(); at += portion)
        ASSERT_TRUE((*reader)->take(std::string_view(text).substr(at, portion))) << name;
      EXPECT_EQ((*reader)->finish().value(), whole) << name << " in portions of " << portion;
    }
  }
}

TEST(ResultFile, OneThatWasCutOffAnywhereIsNeverTakenForAnother) {
  for (const auto& [program, name] : recordings) {
    const std::string text = recorded(name);
    const SelfMeasurement whole = good(program, text);
    for (std::size_t size = 0; size < text.size(); size += 1 + size / 97) {
      const auto measured = read(program, text.substr(0, size));
      if (!measured) continue;
      // What no figure is in, or whole samples and sums, may be missing.
      if (name.find("samples") != std::string::npos) {
        EXPECT_LE(binned(measured->latencies), binned(whole.latencies)) << name << " " << size;
      } else {
        EXPECT_EQ(measured->latencies.count, whole.latencies.count) << name << " cut at " << size;
        EXPECT_EQ(measured->latencies.overflow, whole.latencies.overflow) << name << " cut at " << size;
        if (measured->latencies.max_ns) {
          EXPECT_EQ(measured->latencies.max_ns, whole.latencies.max_ns) << name << size;
        }
      }
    }
  }
}

TEST(ResultFile, WordsForNumbersAreRefused) {
  EXPECT_THAT(refusal("cyclictest", with(recorded("cyclictest-2.4-h60.txt"), "000003 900000", "000003 many")),
              HasSubstr("line 6: \"many\" stands where a number should"));
  EXPECT_THAT(refusal("rtla", with(recorded("rtla-timerlat.txt"), "587376", "a lot!")),
              HasSubstr("\"a\" stands where a number should"));
  EXPECT_THAT(refusal("rteval", with(recorded("rteval-cyclictest.xml"), "<samples>1482", "<samples>several")),
              HasSubstr("core 0 has no number of samples"));
  EXPECT_THAT(refusal("jitterdebugger", with(recorded("jitterdebugger.json"), "4375", "\"4375\"")),
              HasSubstr("CPU 0 has no number \"count\""));
  EXPECT_THAT(refusal("jitterdebugger", with(recorded("jitterdebugger-samples.csv"), ";3\n", ";three\n")),
              HasSubstr("is no sample"));
  EXPECT_THAT(refusal("osadl", with(recorded("osadl.json"), "900", "\"900\"")),
              HasSubstr("holds what is no count"));
  EXPECT_THAT(refusal("cyclictest", with(recorded("cyclictest-2.8-h60.json"), "\"cycles\": 2999425",
                                         "\"cycles\": \"all\"")),
              HasSubstr("thread 0 has no number \"cycles\""));
}

TEST(ResultFiles, OfRtlaWithSumsBeforeItsColumnsAreRefused) {
  std::string text = recorded("rtla-timerlat.txt");
  const std::size_t at = text.find("over:");
  const std::string sum = text.substr(at, text.find('\n', at) + 1 - at);
  text.erase(at, sum.size());
  text.insert(text.find("Index"), sum);
  EXPECT_THAT(refusal("rtla", text), HasSubstr("has sums before the line \"Index\""));
}

TEST(ResultFile, SumsThatDisagreeAreTold) {
  EXPECT_THAT(
      refusal("cyclictest", with(recorded("cyclictest-2.4-h60.txt"), "000003 900000", "000003 900001")),
      HasSubstr("\"# Total:\" says 2998821 for thread 0, and its rows hold 2998822"));
  EXPECT_THAT(
      refusal("cyclictest", with(recorded("cyclictest-2.10-H60-2threads.txt"), "900000\n", "900002\n")),
      HasSubstr("line 4: the last column is no sum of the others"));
  EXPECT_THAT(
      refusal("cyclictest", with(recorded("cyclictest-2.4-h60.txt"), "Overflows: 00604", "Overflows: 00000")),
      HasSubstr("has a largest latency of 1475, its last row is 57"));
  EXPECT_THAT(refusal("cyclictest", with(recorded("cyclictest-2.4-h60.txt"), "Max Latencies: 01475",
                                         "Max Latencies: 00057")),
              HasSubstr("counts 604 latencies beyond its rows, and the largest is 57"));
  EXPECT_THAT(refusal("cyclictest", with(recorded("cyclictest-2.8-h60.json"), "\"cycles\": 2999425",
                                         "\"cycles\": 2998820")),
              HasSubstr("made 2998820 cycles, and its bins hold 2998821"));
  EXPECT_THAT(refusal("rtla", with(recorded("rtla-timerlat.txt"), "587376", "587375")),
              HasSubstr("\"count:\" says 600001 for CPU 1, and its rows and \"over:\" hold 600000"));
  EXPECT_THAT(refusal("rteval", with(recorded("rteval-cyclictest.xml"), "<samples>1482", "<samples>1483")),
              HasSubstr("has 1483 samples, and its buckets hold 1482"));
  EXPECT_THAT(refusal("jitterdebugger", with(recorded("jitterdebugger.json"), "4375", "4374")),
              HasSubstr("counts 4374 latencies, and its bins hold 4375"));
  EXPECT_THAT(refusal("osadl", with(recorded("osadl.json"), "\"cycles\": 1000", "\"cycles\": 987")),
              HasSubstr("core 1 had 77 us at the most, above its classes"));
}

TEST(ResultFile, AFileOfAnotherProgramIsNamed) {
  for (const auto& [program, name] : recordings) {
    for (const char* other : result_programs) {
      if (other == program) continue;
      const auto opened = open_result(other, recorded(name), {});
      ASSERT_FALSE(opened) << name << " as " << other;
      EXPECT_EQ(opened.error().kind, ErrorKind::usage);
      EXPECT_THAT(opened.error().what, HasSubstr("looks like"));
      EXPECT_EQ(opened.error().next_step, "loopgate import " + program);
    }
  }
  EXPECT_THAT(refusal("cyclictest", "usage: cyclictest [options]\n"),
              HasSubstr("it begins with \"usage: cyclictest"));
  EXPECT_THAT(refusal("rtla", " \n\n"), HasSubstr("is empty"));
  EXPECT_THAT(refusal("cyclictest", "{\"a\": 1}"), HasSubstr("is no file of cyclictest"));
}

TEST(CyclictestText, TheKnownAnswer) {
  for (const char* name : {"cyclictest-2.4-h60.txt", "cyclictest-2.10-h60.txt", "cyclictest-2.8-h60.json"}) {
    const SelfMeasurement measured = good("cyclictest", recorded(name));
    const LatencyHistogram& latencies = measured.latencies;
    EXPECT_EQ(binned(latencies), 2'998'821U) << name;
    EXPECT_EQ(latencies.overflow, 604U) << name;
    EXPECT_EQ(latencies.min_ns, 2'000) << name;
    EXPECT_EQ(latencies.max_ns, 1'475'000) << name;
    EXPECT_EQ(latencies.resolution_ns, 1'000) << name;
    // Rows of zeros, or the command, tell where the bins end; else it is after the last row.
    const bool told = std::string(name) != "cyclictest-2.10-h60.txt";
    EXPECT_EQ(end_ns(latencies), told ? 60'000 : 58'000) << name;
  }
}

TEST(CyclictestText, SeveralThreadsWithASumAndAnyOneAlone) {
  for (const char* name : {"cyclictest-2.4-H60-2threads.txt", "cyclictest-2.10-H60-2threads.txt"}) {
    const std::string text = recorded(name);
    const SelfMeasurement both = good("cyclictest", text);
    ASSERT_EQ(both.threads.size(), 2U);
    EXPECT_EQ(both.threads[0].count + both.threads[1].count, 2'999'425U);
    EXPECT_EQ(both.threads[0].overflow, 0U);
    EXPECT_EQ(both.threads[1].max_ns, 1'475'000);
    EXPECT_EQ(binned(both.latencies), 2'998'821U);
    std::uint64_t alone = 0;
    for (const char* thread : {"0", "1"}) {
      ResultOptions options;
      options.threads = {thread};
      const SelfMeasurement one = good("cyclictest", text, options);
      ASSERT_EQ(one.threads.size(), 1U);
      EXPECT_EQ(one.threads[0].count, binned(one.latencies) + one.latencies.overflow);
      alone += one.threads[0].count;
    }
    EXPECT_EQ(alone, 2'999'425U);
  }
}

TEST(CyclictestText, ThreadsWithoutASum) {
  const std::string text =
      "# Histogram\n000001 000002\t000000\n000002 000001\t000005\n# Min Latencies: 00001 00002\n"
      "# Avg Latencies: 00001 00002\n# Max Latencies: 00002 12345678\n# Histogram Overflows: 00000 00001\n\n";
  const SelfMeasurement measured = good("cyclictest", text);
  ASSERT_EQ(measured.threads.size(), 2U);
  EXPECT_EQ(measured.threads[1].count, 6U);
  EXPECT_THAT(measured.latencies.count, ElementsAre(2, 6));
  EXPECT_EQ(measured.latencies.max_ns, 12'345'678'000) << "a footer of more than seven digits";
  ResultOptions options;
  options.in_ns = true;
  EXPECT_EQ(good("cyclictest", text, options).latencies.max_ns, 12'345'678);
}

// Without -q it prints how each thread is doing first, in columns that are wider where they are in ns.
TEST(CyclictestText, AUnitThatItTellsIsItsUnit) {
  const std::string in_us = with(recorded("cyclictest-2.4-h60.txt"), "# Histogram",
                                 "T: 0 (  143) P:80 I:1000 C:    900 Min:      2 Act:    4 Avg:    4 Max:    "
                                 "1475\n# Histogram");
  const std::string in_ns = with(in_us, "Act:    4 Avg:    4", "Act:    4123 Avg:    4057");
  ResultOptions ns;
  ns.in_ns = true;
  EXPECT_THAT(
      refusal("cyclictest", in_us, ErrorKind::usage, ns),
      HasSubstr("line 2: \"T: 0 (  143) P:80 I:1000 C:    900 Min:      2 Act:    4 Avg:    4 Max:    "
                "1475\" is of microseconds, and --unit says ns"));
  EXPECT_THAT(refusal("cyclictest", in_ns, ErrorKind::usage),
              HasSubstr("is of nanoseconds, and the file is read as one of microseconds"));
  EXPECT_THAT(good("cyclictest", in_us).remarks, IsEmpty());
  EXPECT_THAT(good("cyclictest", in_ns, ns).remarks, IsEmpty());
  EXPECT_EQ(good("cyclictest", in_us).latencies.max_ns, 1'475'000);
  EXPECT_EQ(good("cyclictest", in_ns, ns).latencies.max_ns, 1'475);
  const std::string wide = with(in_us, "Act:    4 Avg:    4", "Act:12345678 Avg:    4");
  EXPECT_EQ(good("cyclictest", wide).latencies.max_ns, 1'475'000) << "it is as wide in either";
  EXPECT_THAT(good("cyclictest", wide, ns).remarks,
              ElementsAre("the file does not tell its unit: it is ns, as --unit says"));
  EXPECT_THAT(good("cyclictest", recorded("cyclictest-2.4-h60.txt"), ns).remarks,
              ElementsAre(HasSubstr("as --unit says")));
}

TEST(JitterdebuggerJson, AUnitThatItTellsIsItsUnit) {
  ResultOptions ns;
  ns.in_ns = true;
  EXPECT_THAT(refusal("jitterdebugger", recorded("jitterdebugger-0.3.json"), ErrorKind::usage, ns),
              HasSubstr("its \"resolution_in_ns\", 1000, is of microseconds, and --unit says ns"));
  EXPECT_THAT(good("jitterdebugger", recorded("jitterdebugger.json"), ns).remarks,
              Contains(HasSubstr("as --unit says")));
  EXPECT_THAT(good("jitterdebugger", recorded("jitterdebugger-samples.csv"), ns).remarks,
              Contains(HasSubstr("as --unit says")));
}

TEST(CyclictestText, WhatIsNoWholeMeasurementIsRefused) {
  const std::string text = recorded("cyclictest-2.4-h60.txt");
  EXPECT_THAT(refusal("cyclictest", text.substr(0, text.find("# Max"))),
              HasSubstr("the file ends before \"# Max Latencies:\": it was cut off"));
  EXPECT_THAT(refusal("cyclictest", text.substr(0, text.find("000009 "))),
              HasSubstr("before \"# Min Latencies:\""));
  EXPECT_THAT(refusal("cyclictest", text + text), HasSubstr("import one measurement a file"));
  EXPECT_THAT(
      refusal("cyclictest", "policy: fifo: loadavg: 0.00\nT: 0 (1) P:80 I:1000 C: 10 Min: 3 Act: 3\n"),
      HasSubstr("no line says \"# Histogram\""));
  EXPECT_THAT(refusal("cyclictest",
                      "# Histogram\n000001 000002\t000000\n# Min Latencies: 00001 1000000\n"
                      "# Avg Latencies: 00001 00000\n# Max Latencies: 00001 00000\n# Histogram Overflows: "
                      "00000 00000\n\n"),
              HasSubstr("thread 1 measured nothing"));
  EXPECT_THAT(
      good("cyclictest", with(text, "# Histogram", "# Break thread: 1\n# Break value: 99\n# Histogram"))
          .why_invalid,
      HasSubstr("it stopped at its own limit, -b (Break value: 99)"));
}

TEST(CyclictestJson, TellsWhatMadeIt) {
  const SelfMeasurement measured = good("cyclictest", recorded("cyclictest-2.8-h60.json"));
  EXPECT_EQ(measured.version, "2.80");
  EXPECT_EQ(measured.command, "cyclictest -m -p95 -D50m -h60 -q --json out.json");
  EXPECT_EQ(measured.system, "6.18.44-rt (/sys/kernel/realtime is 1)");
  EXPECT_EQ(measured.clock, "CLOCK_MONOTONIC");
  const std::string plain = with(with(recorded("cyclictest-2.8-h60.json"), "cmdline:", "cmdline"),
                                 "rt_test_version:", "rt_test_version");
  EXPECT_EQ(good("cyclictest", plain), measured) << "keys without their colon";
}

// cyclictest ends with 0 all the same.
TEST(CyclictestJson, OneThatStoppedAtItsOwnLimitIsInvalid) {
  const std::string text = recorded("cyclictest-2.8-h60.json");
  const auto why = [&](const char* option) {
    return good("cyclictest", with(text, "-m -p95", std::string("-m -p95 ") + option)).why_invalid;
  };
  for (const char* option : {"-b 100", "-b100", "-qb 100", "--breaktrace=100", "--breaktrace 100"})
    EXPECT_THAT(why(option), HasSubstr("it stopped at its own limit, -b 100")) << option;
  for (const char* option : {"", "-b 1475", "-b 5000", "--breaktrace=5000"})
    EXPECT_EQ(why(option), "") << option;
}

// rt-tests escape nothing that they were called with.
TEST(CyclictestJson, AQuoteInItsCommandIsNoDamage) {
  const std::string text = recorded("cyclictest-2.8-h60.json");
  const SelfMeasurement measured =
      good("cyclictest", with(text, "-q --json out.json\"", "-q --json \"my \\ file.json\"\""));
  EXPECT_EQ(measured.command, "cyclictest -m -p95 -D50m -h60 -q --json \"my \\ file.json\"");
  EXPECT_EQ(measured.latencies, good("cyclictest", text).latencies);
  EXPECT_THAT(refusal("cyclictest", with(text, "\"6.18.44-rt\"", "\"6.18\"44-rt\"")),
              HasSubstr("is no JSON object"));
}

TEST(CyclictestJson, KnowsHowManyBinsItsCommandAskedFor) {
  EXPECT_EQ(bins_of_cyclictest("cyclictest -h60 -q"), 60U);
  EXPECT_EQ(bins_of_cyclictest("cyclictest -qmh 400"), 400U);
  EXPECT_EQ(bins_of_cyclictest("cyclictest -H 400"), 400U);
  EXPECT_EQ(bins_of_cyclictest("cyclictest --histogram=70 --histfile 9"), 70U);
  EXPECT_EQ(bins_of_cyclictest("cyclictest --histogram 5000000"), 1'000'000U) << "it keeps no more";
  EXPECT_EQ(bins_of_cyclictest("cyclictest -i100 -p95 --quiet"), std::nullopt);
}

TEST(CyclictestJson, WithoutAHistogramAllLiesBetweenTheExtremes) {
  const SelfMeasurement measured = good(
      "cyclictest",
      R"({"resolution_in_ns": 1, "num_threads": 1, "thread": {"0": {"cycles": 7, "min": 900, "max": 5000, "avg": nan}}})");
  EXPECT_EQ(measured.latencies.overflow, 7U);
  EXPECT_THAT(measured.latencies.count, IsEmpty());
  EXPECT_EQ(end_ns(measured.latencies), 900);
  EXPECT_THAT(measured.remarks, Contains(HasSubstr("no histogram")));
}

TEST(RtlaHist, ItsColumns) {
  const std::string text = recorded("rtla-timerlat.txt");
  const auto of = [&](const char* column) {
    ResultOptions options;
    options.column = column;
    return good("rtla", text, options);
  };
  EXPECT_EQ(of("thread"), good("rtla", text)) << "which is the default";
  EXPECT_EQ(of("irq").latencies.max_ns, 7'000);
  EXPECT_EQ(of("thread").latencies.max_ns, 16'000);
  EXPECT_EQ(of("user").latencies.max_ns, 19'000);
  EXPECT_THAT(of("irq").quantity, HasSubstr("interrupt handler"));
  for (const char* column : {"irq", "thread", "user"}) EXPECT_EQ(binned(of(column).latencies), 1'800'001U);
  ResultOptions irq;
  irq.column = "irq";
  EXPECT_THAT(refusal("rtla", recorded("rtla-osnoise.txt"), ErrorKind::usage, irq),
              HasSubstr("no such columns"));
  ResultOptions user;
  user.column = "user";
  std::string kernel_threads = text;
  for (std::size_t at = kernel_threads.find("Usr-"); at != std::string::npos;
       at = kernel_threads.find("Usr-"))
    kernel_threads.replace(at, 4, "Thr-");
  EXPECT_THAT(refusal("rtla", kernel_threads, ErrorKind::usage, user), HasSubstr("has no column of user"));
}

TEST(RtlaHist, OverflowsLostEventsAndItsThreshold) {
  const SelfMeasurement noise = good("rtla", recorded("rtla-osnoise.txt"));
  EXPECT_EQ(noise.program, "rtla osnoise");
  EXPECT_EQ(noise.latencies.overflow, 1U);
  EXPECT_EQ(end_ns(noise.latencies), 6'000) << "its last row, since it does not say how many it had";
  const std::string text = recorded("rtla-timerlat.txt");
  const SelfMeasurement lost =
      good("rtla", text + "12 (0.01%) events missed, results might not be accurate\n");
  EXPECT_EQ(lost.missed, 12U);
  EXPECT_TRUE(lost.why_invalid.empty());
  EXPECT_THAT(
      good("rtla", text + "unknown number of events missed, results might not be accurate\n").why_invalid,
      HasSubstr("lost events"));
  EXPECT_THAT(good("rtla", text + "rtla timerlat hit stop tracing\n").why_invalid,
              HasSubstr("it stopped at its own limit, by its line \"rtla timerlat hit stop tracing\""));
}

TEST(RtlaHist, WideBinsAreNeverNarrowerThanTheTruth) {
  const std::string head =
      "# RTLA timerlat histogram\n# Time unit is nanoseconds (ns)\n# Duration:   0 00:00:01\n"
      "Index   IRQ-000   Thr-000\n";
  const auto measured = [&](const std::string& rows, int over, int count, int min, int max) {
    return good("rtla", head + rows +
                            fmt::format("over: 0 {}\ncount: {} {}\nmin: {} {}\navg: 1 1\nmax: {} {}\n", over,
                                        count, count, min, min, max, max));
  };
  // Of bins of 500 ns that hold none, 1000 apart may be what is left.
  const LatencyHistogram sparse = measured("1000 1 1\n2000 1 1\n", 0, 2, 1'400, 2'100).latencies;
  EXPECT_EQ(sparse.bin_width_ns, 1'000);
  EXPECT_EQ(end_ns(sparse), 3'000);
  // The bins may have ended at 2500: what is beyond them is not said to be above 3000.
  const LatencyHistogram beyond =
      good("rtla",
           head + "1000 2 1\n2000 1 1\nover: 0 1\ncount: 3 3\nmin: 1400 1400\navg: 1 1\nmax: 2100 2600\n")
          .latencies;
  EXPECT_EQ(end_ns(beyond), 2'000);
  EXPECT_EQ(beyond.overflow, 2U);
  EXPECT_EQ(binned(beyond), 1U);
  // Rows of zeros are left in by --with-zeros alone: then all are there.
  const LatencyHistogram all =
      good("rtla",
           head +
               "0 0 0\n1000 2 1\n2000 1 1\nover: 0 1\ncount: 3 3\nmin: 1400 1400\navg: 1 1\nmax: 2100 3600\n")
          .latencies;
  EXPECT_EQ(end_ns(all), 3'000);
  EXPECT_EQ(all.overflow, 1U);
}

TEST(RtlaHist, WhatIsNoWholeMeasurementIsRefused) {
  const std::string text = recorded("rtla-timerlat.txt");
  EXPECT_THAT(refusal("rtla", text.substr(0, text.find("over:"))), HasSubstr("ends before \"over:\""));
  EXPECT_THAT(refusal("rtla", text.substr(0, text.size() - 2)), HasSubstr("in the middle of a line"));
  EXPECT_THAT(refusal("rtla", with(text, "Index", "#ndex")), HasSubstr("--no-header or --no-index"));
  EXPECT_THAT(refusal("rtla", with(text, "4             3      1954", "4             3")),
              HasSubstr("has not the 9 columns"));
  const SelfMeasurement no_sums = good("rtla", text.substr(0, text.find("count:")));
  EXPECT_EQ(no_sums.latencies.max_ns, std::nullopt);
  EXPECT_THAT(no_sums.remarks, Contains(HasSubstr("--no-summary")));
  EXPECT_THAT(refusal("rtla",
                      "# RTLA osnoise histogram\n# Time unit is microseconds (us)\n# Duration: 0\nIndex\n"
                      "over: 0\ncount: 0\nmin: 0\navg: 0\nmax: 0\n"),
              HasSubstr("found no noise"));
}

TEST(Jitterdebugger, ItsHistogramEndsAfterAMillisecond) {
  const SelfMeasurement measured =
      good("jitterdebugger",
           with(recorded("jitterdebugger.json"), "\"count\": 4375,\n      \"min\": 3,\n      \"max\": 10",
                "\"count\": 4377,\n      \"min\": 3,\n      \"max\": 2500"));
  EXPECT_EQ(measured.latencies.overflow, 2U) << "it drops those";
  EXPECT_EQ(end_ns(measured.latencies), 1'000'000);
  EXPECT_EQ(measured.threads.size(), 2U);
}

// As Debian's program wrote it: a latency of 1,057 us is in no bin of its millisecond.
TEST(Jitterdebugger, OfItsThirdFormatSaysWhatItRanOn) {
  const SelfMeasurement measured = good("jitterdebugger", recorded("jitterdebugger-0.3.json"));
  EXPECT_EQ(measured.version, "format 3");
  EXPECT_EQ(measured.system, "6.12.48-rt");
  EXPECT_EQ(measured.latencies.resolution_ns, 1'000);
  EXPECT_EQ(measured.latencies.overflow, 1U);
  EXPECT_EQ(measured.latencies.max_ns, 1'057'000);
  EXPECT_EQ(binned(measured.latencies), 599U);
}

TEST(Jitterdebugger, SamplesGiveWhatTheirHistogramWould) {
  const SelfMeasurement raw = good("jitterdebugger", recorded("jitterdebugger-samples.raw"));
  EXPECT_EQ(raw, good("jitterdebugger", recorded("jitterdebugger-samples.csv")));
  EXPECT_EQ(binned(raw.latencies), 600U);
  EXPECT_EQ(raw.latencies.max_ns, 44'000);
  EXPECT_THAT(refusal("jitterdebugger", recorded("jitterdebugger-samples.raw") + "1234"),
              HasSubstr("ends 4 bytes into sample 601"));
}

TEST(Osadl, ItsFirstArrayIsTheIndexAndItsOverflowsAreUnsure) {
  const SelfMeasurement measured = good("osadl", recorded("osadl.json"));
  ASSERT_EQ(measured.threads.size(), 3U);
  EXPECT_EQ(measured.threads[0].overflow, 0U);
  EXPECT_EQ(measured.threads[1].overflow, 13U)
      << "987 of 1,000 cycles are in a class, and 77 us is beyond them";
  EXPECT_EQ(measured.threads[2].overflow, 0U) << "5 cycles were not made: 2 us is no overflow";
  EXPECT_EQ(measured.latencies.overflow_unsure, 12U);
  EXPECT_EQ(end_ns(measured.latencies), 40'000);
  EXPECT_EQ(measured.system, "6.18.44-rt");
  EXPECT_THAT(good("osadl", with(recorded("osadl.json"), "[12, 77, 2]", "[]")).why_invalid,
              HasSubstr("no largest latency"));
  EXPECT_THAT(refusal("osadl", with(recorded("osadl.json"), "[12, 77, 2]", "[12, 77]")),
              HasSubstr("is of 2 cores, and \"cores\" of 3"));
}

// As OSADL's own script made it of a cyclictest whose second thread made 818 cycles, 2 of them beyond its
// classes: nobody can tell that from a thread that made all of its 1,000.
TEST(Osadl, OfItsOwnScriptCountsNoMoreThanIsSure) {
  const SelfMeasurement measured = good("osadl", recorded("osadl-mk-rtdataset.json"));
  ASSERT_EQ(measured.threads.size(), 2U);
  EXPECT_EQ(measured.threads[0].overflow, 14U);
  EXPECT_EQ(measured.threads[1].overflow, 184U);
  EXPECT_EQ(measured.latencies.overflow_unsure, 13U + 183U);
  EXPECT_EQ(measured.latencies.max_ns, 11'516'000);
  EXPECT_EQ(measured.command, "cyclictest -l1000 -m -Sp99 -i200 -h400 -q");
}

TEST(Rteval, OfToday) {
  const SelfMeasurement measured = good("rteval", recorded("rteval-3.11-cyclictest.xml"));
  EXPECT_EQ(measured.threads.size(), 2U);
  EXPECT_EQ(binned(measured.latencies), 1'994U);
  EXPECT_EQ(measured.latencies.max_ns, 2'189'000);
  EXPECT_EQ(measured.latencies.overflow, 0U);
  EXPECT_EQ(measured.system, "6.12.48-rt");
}

TEST(Rteval, ItsCyclictestAndNotItsTimerlat) {
  const SelfMeasurement measured = good("rteval", recorded("rteval-cyclictest.xml"));
  EXPECT_EQ(measured.threads.size(), 2U) << "its cores, and not the system, which is their sum";
  EXPECT_EQ(binned(measured.latencies), 2'923U);
  EXPECT_EQ(measured.latencies.max_ns, 41'000);
  EXPECT_THAT(measured.remarks, Contains("called by rteval 3.8"));
  EXPECT_EQ(measured.why_invalid, "");
  EXPECT_THAT(
      good("rteval", with(recorded("rteval-cyclictest.xml"), "</cyclictest>", "<abort_report/></cyclictest>"))
          .why_invalid,
      HasSubstr("it stopped at its own limit, by rteval's abort_report"));
  EXPECT_THAT(refusal("rteval", recorded("rteval-timerlat.xml")),
              HasSubstr("adds the latencies of interrupt, thread and user-space thread up"));
  EXPECT_THAT(refusal("rteval", with(recorded("rteval-cyclictest.xml"), "<maximum unit=\"us\">9<",
                                     "<maximum unit=\"us\">3500<")),
              HasSubstr("leaves out how many were beyond its buckets"));
}

}  // namespace
}  // namespace loopgate::result_file_test
