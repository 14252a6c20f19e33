// probe.lgp and the phases that are made of it.
#include <gmock/gmock.h>

#include <limits>
#include <numeric>

#include "record/probe_file.h"
#include "record/testing/recorded_run.h"
#include "stats/stages.h"
#include "stats/summary.h"

namespace loopgate::phases_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The counter's 62,500,000 Hz make 16 ns a tick: at 1,000 ticks CLOCK_MONOTONIC stood at 6,000 ns, 10,000 ns
// behind the instrument's clock.
constexpr std::int64_t offset_ns = 10'000;

ProbeHeader header_of(std::uint64_t written) {
  return {probe_magic, 1, 88, written, 1, 0, 0, written, 0, 0, 900, 6'000, 1'000, 62'500'000};
}

// Of a stimulus at `stimulus_ns` of the instrument's clock: 100 + 900 + (3,000 + 700) + (2,000 + 900 + 400) +
// 1,000 until the pin is set.
ProbeRecord record_of(std::uint64_t number, std::int64_t stimulus_ns) {
  const std::int64_t at_ns = stimulus_ns - offset_ns;
  return {number,        at_ns + 100, at_ns + 1'000, 3'000, at_ns + 4'700, 2'000,
          at_ns + 7'600, 0,           at_ns + 8'000, 0,     at_ns + 9'500};
}

constexpr std::int64_t latency_ns = 9'000;

std::string bytes_of(const ProbeHeader& header, const std::vector<ProbeRecord>& records) {
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof(header));
  return bytes.append(reinterpret_cast<const char*>(records.data()), records.size() * sizeof(ProbeRecord));
}

std::string refusal(const std::string& bytes) {
  const auto file = parse_probe(bytes, "probe.lgp");
  return file ? "accepted" : file.error().what;
}

const std::vector<ProbeRecord> two = {record_of(2, 1'000'000), record_of(5, 2'000'000)};

ProbeHeader header_of_two() {
  ProbeHeader header = header_of(2);
  header.stimuli = 5;
  return header;
}

TEST(ProbeFile, IsRead) {
  const auto file = parse_probe(bytes_of(header_of_two(), two), "probe.lgp");
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(file->transport(), ProbeTransport::ring_buffer);
  ASSERT_EQ(file->records.size(), 2U);
  EXPECT_EQ(file->records[1].number, 5U);
}

TEST(ProbeFile, EveryTruncationIsRefused) {
  const std::string whole = bytes_of(header_of_two(), two);
  for (std::size_t length = 0; length < whole.size(); ++length)
    ASSERT_FALSE(parse_probe(std::string_view(whole).substr(0, length), "probe.lgp")) << length;
  EXPECT_THAT(refusal(whole + "x"), HasSubstr("speaks of 2 records"));
}

TEST(ProbeFile, ADamagedHeaderIsNamed) {
  const auto with = [](auto change) {
    ProbeHeader header = header_of_two();
    change(&header);
    return refusal(bytes_of(header, two));
  };
  EXPECT_THAT(with([](auto* h) { h->magic = 1; }), HasSubstr("wrong magic"));
  EXPECT_THAT(with([](auto* h) { h->version = 2; }), HasSubstr("format version 2"));
  EXPECT_THAT(with([](auto* h) { h->record_size = 96; }), HasSubstr("records of 96 bytes"));
  EXPECT_THAT(with([](auto* h) { h->transport = 4; }), HasSubstr("unknown transport 4"));
  EXPECT_THAT(with([](auto* h) { h->traced = 1; }), HasSubstr("damaged header"));
  EXPECT_THAT(with([](auto* h) { h->stimuli = 1; }), HasSubstr("damaged header"));
  EXPECT_THAT(with([](auto* h) { h->written = 3; }), HasSubstr("speaks of 3 records"));
}

// The records of what trace.dat holds stand behind the others.
TEST(ProbeFile, OfFtraceHasTheTracedOnesOnceMore) {
  ProbeHeader header = header_of_two();
  header.transport = 3;
  header.traced = 1;
  std::vector<ProbeRecord> records = two;
  records.push_back(two[0]);
  const auto file = parse_probe(bytes_of(header, records), "probe.lgp");
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(file->records.size(), 2U);
  ASSERT_EQ(file->traced.size(), 1U);
  EXPECT_EQ(file->traced[0].number, 2U);
  EXPECT_THAT(refusal(bytes_of(header, two)), HasSubstr("speaks of 3 records"));
  records[2].read_ns = 0;
  EXPECT_THAT(refusal(bytes_of(header, records)),
              HasSubstr("traced stimulus 2 has times that do not follow"));
  header.traced = 6;  // of five stimuli
  EXPECT_THAT(refusal(bytes_of(header, records)), HasSubstr("damaged header"));
}

TEST(ProbeFile, HasItsReplacementsAtTheEnd) {
  const auto with = [](std::vector<ProbeReplacement> replacements) {
    ProbeHeader header = header_of_two();
    header.replaced = static_cast<std::uint16_t>(replacements.size());
    return bytes_of(header, two)
        .append(reinterpret_cast<const char*>(replacements.data()),
                replacements.size() * sizeof(ProbeReplacement));
  };
  const auto file = parse_probe(with({{100, 200, 2, 1}, {300, 400, 4, 2}}), "probe.lgp");
  ASSERT_TRUE(file) << file.error().what;
  ASSERT_EQ(file->replacements.size(), 2U);
  EXPECT_EQ(file->replacements[1].twice, 2U);
  EXPECT_THAT(refusal(with({{200, 100, 2, 1}})), HasSubstr("replacement 0 ends before it begins"));
  EXPECT_THAT(refusal(with({{100, 200, 6, 1}})), HasSubstr("replacement 0 is of no stimulus"));
  EXPECT_THAT(refusal(with({{100, 200, 4, 1}, {150, 400, 5, 1}})),
              HasSubstr("replacement 1 is out of order"));
  EXPECT_THAT(refusal(with({{100, 200, 2, 1}}) + "x"), HasSubstr("speaks of 2 records and 1 replacements"));
  EXPECT_THAT(refusal(with(std::vector<ProbeReplacement>(9))), HasSubstr("damaged header"));
}

TEST(ProbeFile, ADamagedRecordIsNamed) {
  const auto with = [](auto change) {
    std::vector<ProbeRecord> records = two;
    change(&records[1]);
    return refusal(bytes_of(header_of_two(), records));
  };
  EXPECT_THAT(with([](ProbeRecord* r) { r->number = 2; }), HasSubstr("record 1 is out of order"));
  EXPECT_THAT(with([](ProbeRecord* r) { r->number = 6; }), HasSubstr("record 1 is of no stimulus"));
  EXPECT_THAT(with([](ProbeRecord* r) { r->read_ns = 0; }), HasSubstr("times that do not follow each other"));
  EXPECT_THAT(with([](ProbeRecord* r) { r->thread_wait_ns = 3'701; }), HasSubstr("do not follow each other"));
  // No difference of two of them overflows: found by the fuzzer.
  EXPECT_THAT(with([](ProbeRecord* r) { r->payload_woken_ns = std::numeric_limits<std::int64_t>::min(); }),
              HasSubstr("do not follow each other"));
  EXPECT_THAT(with([](ProbeRecord* r) { *r = record_of(5, 900'000); }),
              HasSubstr("a time before the last one's"));
}

class Phases : public ::testing::Test {
 protected:
  Phases() : samples_(testing::make_samples({latency_ns, latency_ns, latency_ns})) {
    for (const Sample& sample : samples_.samples) {
      if (!sample.sent() || (sample.flags & sample_self_check) != 0) continue;
      probe_.records.push_back(record_of(probe_.records.size() + 1, sample.stimulus_ns));
    }
    probe_.header = header_of(probe_.records.size());
  }
  ProbeRecord& last() { return probe_.records.back(); }
  std::string refusal() const {
    const auto phases = phases_of(samples_, probe_);
    return phases ? "accepted" : phases.error().what;
  }

  SampleFile samples_;
  ProbeFile probe_;
};

TEST_F(Phases, AddUpToTheLatency) {
  const auto phases = phases_of(samples_, probe_);
  ASSERT_TRUE(phases) << phases.error().what;
  ASSERT_EQ(phases->samples.size(), 3U);
  EXPECT_EQ(phases->left_out, 0U);
  EXPECT_TRUE(phases->probe->complete());
  for (const StagedSample& sample : phases->samples) {
    EXPECT_THAT(sample.ns, ElementsAre(100, 900, 3'000, 700, 2'000, 400, 900 + 1'000));
    EXPECT_EQ(std::accumulate(sample.ns.begin(), sample.ns.end(), std::int64_t{0}), sample.latency_ns);
  }
}

// A payload that is preempted waits again, in whatever it does.
TEST_F(Phases, EachWaitOfThePayloadIsItsWakeupLatency) {
  last().answer_wait_ns = 150;
  last().set_wait_ns = 250;
  const auto phases = phases_of(samples_, probe_);
  ASSERT_TRUE(phases) << phases.error().what;
  EXPECT_THAT(phases->samples.back().ns, ElementsAre(100, 900, 3'000, 700, 2'400, 250, 1'650));
}

// What it waits once its pin is set is no latency.
TEST_F(Phases, AWaitBehindTheResponseIsCutOff) {
  last().set_wait_ns = 1'400;
  const auto phases = phases_of(samples_, probe_);
  ASSERT_TRUE(phases) << phases.error().what;
  EXPECT_THAT(phases->samples.back().ns, ElementsAre(100, 900, 3'000, 700, 3'000, 400, 900));
}

TEST_F(Phases, OfAStimulusWithoutARecordAreLeftOutAndCounted) {
  probe_.records.erase(probe_.records.end() - 2);
  probe_.header.lost = 1;
  const auto phases = phases_of(samples_, probe_);
  ASSERT_TRUE(phases) << phases.error().what;
  EXPECT_EQ(phases->samples.size(), 2U);
  EXPECT_EQ(phases->left_out, 1U);
  EXPECT_FALSE(phases->probe->complete());
}

// The clocks lie a few ticks apart: no phase is below 0 for it, and the sum stays.
TEST_F(Phases, ForgiveTheClocksTheirError) {
  for (const std::int64_t off_ns : {-150, 150}) {
    probe_.header.monotonic_ns = 6'000 + off_ns;
    last().set_ns += 200;
    const auto phases = phases_of(samples_, probe_);
    ASSERT_TRUE(phases) << phases.error().what;
    const auto& ns = phases->samples.back().ns;
    EXPECT_EQ(std::accumulate(ns.begin(), ns.end(), std::int64_t{0}), latency_ns);
    EXPECT_EQ(ns[0], off_ns < 0 ? 250 : 0);
  }
}

TEST_F(Phases, ThatContradictTheInstrumentAreRefused) {
  const ProbeRecord good = last();
  last().set_ns = good.answer_ns + 500;  // before the response
  EXPECT_THAT(refusal(), HasSubstr("contradicts what the instrument saw"));
  last() = good;
  last().answer_ns += 1'300;  // behind the response
  EXPECT_THAT(refusal(), HasSubstr("contradicts what the instrument saw"));
  last() = good;
  EXPECT_EQ(refusal(), "accepted");
}

// Another CPU takes the interrupt that stamps it.
TEST_F(Phases, OfABoardMayEndBeforeTheResponseIsStamped) {
  last().set_ns = last().answer_ns + 500;
  samples_.header.time_base = TimeBase::wall_clock;
  for (ProbeRecord& record : probe_.records)
    for (std::int64_t* at : {&record.taken_ns, &record.thread_woken_ns, &record.payload_woken_ns,
                             &record.read_ns, &record.answer_ns, &record.set_ns})
      *at += offset_ns;  // one clock for both
  EXPECT_EQ(refusal(), "accepted");
}

// By the kernel's own tracing the payload's system calls are not told apart, and a stimulus may be in
// trace.dat.
TEST_F(Phases, OfFtraceAreSixAndKnowWhatIsTraced) {
  probe_.header.transport = 3;
  probe_.traced = {probe_.records[1], last()};
  probe_.header.traced = 2;
  samples_.samples.back().response_ns += 300;
  const auto phases = phases_of(samples_, probe_);
  ASSERT_TRUE(phases) << phases.error().what;
  EXPECT_EQ(phases->names.size(), traced_phase_names.size());
  EXPECT_THAT(phases->samples.front().ns, ElementsAre(100, 900, 3'000, 700, 2'000, 400 + 1'900, 0));
  ASSERT_TRUE(phases->probe->traced);
  EXPECT_EQ(phases->probe->traced->index, samples_.samples.back().index);
  EXPECT_EQ(phases->probe->traced->latency_ns, latency_ns + 300);
  probe_.traced = {record_of(9, 77'000'000'000)};  // of no sample
  EXPECT_FALSE(phases_of(samples_, probe_)->probe->traced);
}

// Answers before and behind a replacement are not meanwhile.
TEST_F(Phases, KnowTheAnswersWhileTheProbeWasReplaced) {
  const Sample& middle = samples_.samples[samples_.samples.size() - 2];
  const std::int64_t at_ns = middle.stimulus_ns - offset_ns;
  probe_.replacements = {{at_ns + 500, at_ns + 900, 2, 1}};
  const auto phases = phases_of(samples_, probe_);
  ASSERT_TRUE(phases) << phases.error().what;
  EXPECT_EQ(phases->probe->replaced.times, 1U);
  EXPECT_EQ(phases->probe->replaced.answers, 1U);
  EXPECT_EQ(phases->probe->replaced.max_ns, latency_ns);
}

TEST_F(Phases, KnowTheLongestTracedSampleOfAllCells) {
  CellStatistics one, other;
  probe_.header.transport = 3;
  one.stages = *phases_of(samples_, probe_);
  other.stages = one.stages;
  one.stages.probe->traced = {"generic.idle", 7, 9'000};
  other.stages.probe->traced = {"generic.idle.2", 8, 9'500};
  CellStatistics both;
  for (const CellStatistics* each : {&one, &other, &one}) pool(*each, &both);
  EXPECT_EQ(both.stages.probe->traced->cell, "generic.idle.2");
}

TEST_F(Phases, ArePooledWithTheirCounts) {
  CellStatistics one, other;
  one.stages = *phases_of(samples_, probe_);
  probe_.header.lost = 2;
  probe_.header.cost_ns = 1'200;
  other.stages = *phases_of(samples_, probe_);
  CellStatistics both;
  pool(one, &both);
  pool(other, &both);
  ASSERT_TRUE(both.stages.probe);
  EXPECT_EQ(both.stages.samples.size(), 6U);
  EXPECT_EQ(both.stages.probe->lost, 2U);
  EXPECT_EQ(both.stages.probe->cost_ns, 1'200);
  EXPECT_FALSE(summarize(both.stages)->probe->complete());
}

}  // namespace
}  // namespace loopgate::phases_test
