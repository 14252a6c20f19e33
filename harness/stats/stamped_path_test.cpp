#include <gmock/gmock.h>

#include <numeric>

#include "record/stamps_file.h"
#include "stats/stages.h"

namespace loopgate::stamped_path_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

StampsHeader header_of(std::uint64_t written, StampsOf kind = StampsOf::payload,
                       std::uint64_t capacity = 10) {
  return {stamps_magic, 1, 32, capacity, written, static_cast<std::uint32_t>(kind), 0, 500, 7, 62'500'000};
}

std::string bytes_of(const StampsHeader& header, std::vector<Stamp> stamps, std::size_t room = 10) {
  stamps.resize(std::max(stamps.size(), room));
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof(header));
  return bytes.append(reinterpret_cast<const char*>(stamps.data()), stamps.size() * sizeof(Stamp));
}

std::string refusal(const std::string& bytes) {
  const auto file = parse_stamps(bytes, "stamps.lst");
  return file ? "accepted" : file.error().what;
}

const std::vector<Stamp> three = {{1, 100, 110, 150}, {2, 200, 210, 250}, {3, 300, 310, 350}};

TEST(StampsFile, OfAPayloadIsRead) {
  const auto file = parse_stamps(bytes_of(header_of(3), three), "stamps.lst");
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(file->kind(), StampsOf::payload);
  ASSERT_EQ(file->stamps.size(), 3U);
  EXPECT_EQ(file->stamps[2].second_ns, 310);
  EXPECT_EQ(file->header.counter_hz, 62'500'000U);
}

TEST(StampsFile, OfTheLoopbackProgramHasWhatWasWrittenAndUnansweredOnes) {
  const auto file = parse_stamps(
      bytes_of(header_of(2, StampsOf::loopback), {{0, 100, 130, 120}, {4, 200, 210, -1}}, 0), "l.lst");
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(file->stamps[1].third_ns, -1);
}

TEST(StampsFile, EveryTruncationIsRefused) {
  const std::string whole = bytes_of(header_of(10), std::vector<Stamp>(three));
  for (std::size_t length = 0; length < whole.size(); ++length)
    ASSERT_FALSE(parse_stamps(std::string_view(whole).substr(0, length), "stamps.lst")) << length;
}

TEST(StampsFile, ADamagedHeaderIsNamed) {
  const auto with = [](auto change) {
    StampsHeader header = header_of(3);
    change(&header);
    return refusal(bytes_of(header, three));
  };
  EXPECT_THAT(with([](auto* h) { h->magic = 1; }), HasSubstr("wrong magic"));
  EXPECT_THAT(with([](auto* h) { h->magic = 0; }), HasSubstr("was not finished"));
  EXPECT_THAT(with([](auto* h) { h->version = 2; }), HasSubstr("format version 2"));
  EXPECT_THAT(with([](auto* h) { h->record_size = 64; }), HasSubstr("records of 64 bytes"));
  EXPECT_THAT(with([](auto* h) { h->kind = 3; }), HasSubstr("unknown kind 3"));
  EXPECT_THAT(with([](auto* h) { h->written = 11; }), HasSubstr("damaged header"));
  EXPECT_THAT(with([](auto* h) { h->zero = 1; }), HasSubstr("damaged header"));
  EXPECT_THAT(with([](auto* h) { h->capacity = 5; }), HasSubstr("speaks of 3 records"));
}

TEST(StampsFile, ADamagedRecordIsNamed) {
  const auto with = [](auto change) {
    std::vector<Stamp> stamps = three;
    change(&stamps[1]);
    return refusal(bytes_of(header_of(3), stamps));
  };
  EXPECT_THAT(with([](Stamp* s) { s->number = 1; }), HasSubstr("record 1 is out of order"));
  EXPECT_THAT(with([](Stamp* s) { s->number = 3; }), HasSubstr("record 2 is out of order"));
  EXPECT_THAT(with([](Stamp* s) { s->second_ns = 199; }), HasSubstr("record 1 has times that do not follow"));
  EXPECT_THAT(with([](Stamp* s) { s->third_ns = -1; }), HasSubstr("record 1 has times that do not follow"));
  EXPECT_THAT(with([](Stamp* s) { s->first_ns = -5; }), HasSubstr("record 1 has times that do not follow"));
  EXPECT_THAT(with([](Stamp* s) { s->third_ns = INT64_MAX; }), HasSubstr("do not follow"));
}

Sample sent(std::uint32_t index, std::int64_t stimulus_ns, std::int64_t response_ns,
            std::uint32_t flags = 0) {
  return {stimulus_ns, stimulus_ns, response_ns, flags | sample_sent | sample_answered, index};
}

// A self-check, a warm-up, and two counted ones.
SampleFile samples() {
  SampleFile file;
  file.samples = {sent(0, 10, 20, sample_self_check), sent(1, 90, 160, sample_warm_up), sent(2, 195, 262),
                  sent(3, 290, 361)};
  return file;
}

StampsFile stamps(std::vector<Stamp> all = three) { return {header_of(all.size()), std::move(all)}; }

TEST(Path, AddsUpToTheLatency) {
  const auto path = path_of(samples(), stamps());
  ASSERT_TRUE(path) << path.error().what;
  ASSERT_EQ(path->samples.size(), 2U);
  EXPECT_THAT(path->samples[0].ns, ElementsAre(5, 10, 52, 0, 0, 0, 0));
  EXPECT_THAT(path->samples[1].ns, ElementsAre(10, 10, 51, 0, 0, 0, 0));
  for (const StagedSample& sample : path->samples)
    EXPECT_EQ(std::accumulate(sample.ns.begin(), sample.ns.end(), std::int64_t{0}), sample.latency_ns);
  const auto summary = summarize(*path);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->names.size(), 3U);
  EXPECT_STREQ(summary->names[0], "to interrupt");
  EXPECT_EQ(summary->figures[0].max, 10);
}

// The second stimulus's edge was lost on its way: the payload's second stamp is the third one's.
TEST(Path, AStimulusThatNeverCameHasNoStamp) {
  SampleFile all = samples();
  all.samples[2].flags &= ~sample_answered;
  auto two = three;
  two.pop_back();
  two[1] = {2, 300, 310, 350};
  const auto path = path_of(all, stamps(two));
  ASSERT_TRUE(path) << path.error().what;
  ASSERT_EQ(path->samples.size(), 1U);
  EXPECT_THAT(path->samples[0].ns, ElementsAre(10, 10, 51, 0, 0, 0, 0));
  ASSERT_TRUE(path_of(all, stamps())) << "it came, and was answered too late";
  EXPECT_THAT(path_of(all, stamps())->samples[0].ns, ElementsAre(10, 10, 51, 0, 0, 0, 0));
  auto no_room = two;
  no_room[1].number = 3;
  ASSERT_TRUE(path_of(all, stamps(no_room))) << "the kernel knew it, and had no room for it";
  EXPECT_THAT(path_of(samples(), stamps(two)).error().what,
              HasSubstr("sample 2: the payload's stamps contradict the instrument's: to pin took"));
}

TEST(Path, AMissingStampIsRefused) {
  EXPECT_THAT(path_of(samples(), stamps({three[0], three[2]})).error().what,
              HasSubstr("sample 2: the payload left no stamp of stimulus 2"));
  EXPECT_THAT(path_of(samples(), stamps({})).error().what, HasSubstr("no stamp of stimulus 1"));
}

TEST(Path, StampsThatContradictAreRefused) {
  auto early = three;
  early[1].first_ns = 194;
  EXPECT_THAT(
      path_of(samples(), stamps(early)).error().what,
      HasSubstr("sample 2: the payload's stamps contradict the instrument's: to interrupt took -1 ns"));
  auto late = three;
  late[2].second_ns = 362;
  EXPECT_THAT(path_of(samples(), stamps(late)).error().what, HasSubstr("to pin took -1 ns"));
  auto more = three;
  more.push_back({4, 400, 410, 450});
  EXPECT_THAT(path_of(samples(), stamps(more)).error().what,
              HasSubstr("stamps of 4 stimuli, and 3 were sent"));
}

TEST(Path, WhatWasNotSentHasNoStampAndWhatIsBeyondTheRoomIsLeftOut) {
  SampleFile some = samples();
  some.samples.push_back({300, -1, -1, 0, 4});
  some.samples.push_back(sent(5, 400, 470));
  StampsFile full = stamps();
  full.header.capacity = 3;
  const auto path = path_of(some, full);
  ASSERT_TRUE(path) << path.error().what;
  EXPECT_EQ(path->samples.size(), 2U);
  EXPECT_EQ(path->left_out, 1U);
}

}  // namespace
}  // namespace loopgate::stamped_path_test
