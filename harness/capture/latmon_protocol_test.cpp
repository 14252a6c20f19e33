#include "capture/latmon_protocol.h"

#include <gmock/gmock.h>

namespace loopgate::latmon_protocol_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Built by hand from the published structures, not with the code under test.
std::string word(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::string record(std::uint64_t sum, std::uint32_t min, std::uint32_t max, std::uint32_t overruns,
                   std::uint32_t samples) {
  return word(static_cast<std::uint32_t>(sum >> 32)) + word(static_cast<std::uint32_t>(sum)) + word(min) +
         word(max) + word(overruns) + word(samples);
}

std::string the_end(std::uint32_t overruns = 0) { return record(0, UINT32_MAX, 0, overruns, 0); }

constexpr LatmonRequest four_cells{1000, 4};

std::string problem_of(const std::string& bytes, const LatmonRequest& request = four_cells) {
  LatmonReader reader(request, 100);
  auto taken = reader.take(bytes);
  if (taken) return {};
  EXPECT_EQ(taken.error().kind, ErrorKind::data);
  return taken.error().what;
}

TEST(LatmonProtocol, RequestIsBigEndian) {
  EXPECT_THAT(to_bytes(LatmonRequest{1000, 200}), ElementsAre(0, 0, 3, '\xe8', 0, 0, 0, '\xc8'));
  EXPECT_THAT(to_bytes(latmon_stop), ElementsAre(0, 0, 0, 0, 0, 0, 0, 0));
}

TEST(LatmonProtocol, ReadsRecordsTheEndAndTheHistogram) {
  LatmonReader reader(four_cells, 100);
  const std::string bytes = record(4500, 500, 2500, 0, 3) +
                            record(0x1'0000'0000, 0x8000'0000, 0x8000'0000, 7, 2) + the_end(1) + word(1) +
                            word(1) + word(1) + word(2);
  ASSERT_TRUE(reader.take(bytes));
  EXPECT_TRUE(reader.finished());
  EXPECT_THAT(reader.data().records,
              ElementsAre(LatmonRecord{4500, 500, 2500, 0, 3},
                          LatmonRecord{0x1'0000'0000, 0x8000'0000, 0x8000'0000, 7, 2}));
  EXPECT_EQ(reader.data().overruns_at_end, 1U);
  EXPECT_THAT(reader.data().histogram, ElementsAre(1, 1, 1, 2));
}

TEST(LatmonProtocol, PortionsDoNotMatter) {
  const std::string bytes = record(4500, 500, 2500, 0, 3) + the_end() + word(1) + word(1) + word(1) + word(0);
  LatmonReader reader(four_cells, 100);
  for (const char byte : bytes) {
    EXPECT_FALSE(reader.finished());
    ASSERT_TRUE(reader.take({&byte, 1}));
  }
  EXPECT_TRUE(reader.finished());
  EXPECT_THAT(reader.data().histogram, ElementsAre(1, 1, 1, 0));
}

TEST(LatmonProtocol, WithoutCellsTheEndIsTheEnd) {
  LatmonReader reader({1000, 0}, 100);
  ASSERT_TRUE(reader.take(record(500, 500, 500, 0, 1) + the_end()));
  EXPECT_TRUE(reader.finished());
}

TEST(LatmonProtocol, WarmUpMayStandInTheHistogramAlone) {
  EXPECT_EQ(problem_of(record(500, 500, 500, 0, 1) + the_end() + word(1000) + word(1) + word(0) + word(0)),
            "");
}

TEST(LatmonProtocol, RefusesWhatNoLatmonSays) {
  EXPECT_THAT(problem_of(record(1001, 1, 1, 0, 1001)), HasSubstr("1001 samples, and holds 1000 at most"));
  EXPECT_THAT(problem_of(record(3, 2, 1, 0, 2)), HasSubstr("least latency, 2 ns, is above its largest"));
  EXPECT_THAT(problem_of(record(1, 1, 5, 0, 2)), HasSubstr("sum, 1 ns of 2 samples"));
  EXPECT_THAT(problem_of(record(11, 1, 5, 0, 2)), HasSubstr("sum, 11 ns of 2 samples"));
  EXPECT_THAT(problem_of(record(UINT64_MAX, 1, 5, 0, 2)), HasSubstr("does not fit"));
  const std::string good = record(500, 500, 500, 0, 1) + the_end();
  EXPECT_THAT(problem_of(good + word(0) + word(0) + word(0) + word(0)),
              HasSubstr("holds 0 samples, and the records 1"));
  EXPECT_THAT(problem_of(good + word(UINT32_MAX) + word(UINT32_MAX) + word(1) + word(0)),
              HasSubstr("and the records 1"));
  EXPECT_THAT(problem_of(good + word(0) + word(1) + word(0) + word(0)), HasSubstr("contradicts"));
  EXPECT_THAT(problem_of(good + word(1) + word(0) + word(0) + word(0) + "x"),
              HasSubstr("1 bytes came after the end"));
  // A web server that was connected to by mistake.
  EXPECT_NE(problem_of("HTTP/1.1 400 Bad Request\r\n"), "");
}

TEST(LatmonProtocol, RefusesAFlood) {
  LatmonReader reader(four_cells, 3);
  std::string flood;
  for (int i = 0; i < 4; ++i) flood += record(500, 500, 500, 0, 1);
  auto taken = reader.take(flood);
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().what, HasSubstr("more than 3 records"));
}

}  // namespace
}  // namespace loopgate::latmon_protocol_test
