#include "stats/sorted_latencies.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace loopgate::sorted_latencies_test {
namespace {

using Values = std::vector<std::int64_t>;
using Random = std::mt19937_64;

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

// Of very unlike magnitudes, with many that are equal.
Values drawn(std::size_t count, Random* random) {
  Values values;
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<std::int64_t>((*random)() >> (1 + (*random)() % 63));
    values.insert(values.end(), 1 + (*random)() % 3, value);
  }
  std::sort(values.begin(), values.end());
  return values;
}

std::uint64_t truly_above(const Values& values, std::int64_t limit) {
  return static_cast<std::uint64_t>(std::ranges::count_if(values, [&](auto ns) { return ns > limit; }));
}

TEST(SortedLatencies, AreThoseThatWerePutIn) {
  Random random(3);
  for (const std::size_t count : {0U, 1U, 2U, 63U, 127U, 128U, 129U, 256U, 257U, 5'000U}) {
    const Values values = drawn(count, &random);
    const SortedLatencies sorted(values);
    EXPECT_EQ(sorted.values(), values);
    EXPECT_EQ(sorted.size(), values.size());
    EXPECT_EQ(sorted.empty(), values.empty());
    if (values.empty()) continue;
    EXPECT_EQ(sorted.front(), values.front());
    EXPECT_EQ(sorted.back(), values.back());
  }
  const Values ends = {std::numeric_limits<std::int64_t>::min(), -1, 0, largest, largest};
  EXPECT_EQ(SortedLatencies(ends).values(), ends);
}

TEST(SortedLatencies, CountsHowManyAreAbove) {
  Random random(4);
  for (const std::size_t count : {0U, 1U, 128U, 3'000U}) {
    const Values values = drawn(count, &random);
    const SortedLatencies sorted(values);
    for (const std::int64_t limit : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, largest})
      EXPECT_EQ(sorted.count_above(limit), truly_above(values, limit));
    for (int i = 0; i < 300 && !values.empty(); ++i) {
      const std::int64_t value = values[random() % values.size()];
      for (const std::int64_t limit : {value - 1, value, std::min(value, largest - 1) + 1})
        EXPECT_EQ(sorted.count_above(limit), truly_above(values, limit)) << limit;
    }
  }
  const SortedLatencies same(Values(1'000, 7));
  EXPECT_EQ(same.count_above(6), 1'000U);
  EXPECT_EQ(same.count_above(7), 0U);
}

TEST(SortedLatencies, TakeABytePerLatencyOfALargeCell) {
  Random random(5);
  Values values;
  for (int i = 0; i < 100'000; ++i) values.push_back(10'000 + static_cast<std::int64_t>(random() % 500'000));
  std::sort(values.begin(), values.end());
  EXPECT_LT(SortedLatencies(values).bytes(), 120'000U) << "instead of 800,000";
}

TEST(MergedLatencies, AreAllOfThemInOrder) {
  Random random(6);
  for (const std::size_t parts : {0U, 1U, 2U, 7U}) {
    std::vector<SortedLatencies> sorted;
    Values all;
    for (std::size_t i = 0; i < parts; ++i) {
      const Values values = drawn(i == 1 ? 0 : random() % 700, &random);
      all.insert(all.end(), values.begin(), values.end());
      sorted.emplace_back(values);
    }
    std::sort(all.begin(), all.end());
    std::vector<const SortedLatencies*> pointers;
    for (const SortedLatencies& each : sorted) pointers.push_back(&each);
    Values merged;
    for (MergedLatencies rest(pointers); !rest.at_end();) merged.push_back(rest.next());
    EXPECT_EQ(merged, all);
  }
}

}  // namespace
}  // namespace loopgate::sorted_latencies_test
