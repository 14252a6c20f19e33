#include "target/loopback/ring.h"

#include <gmock/gmock.h>

#include <memory>
#include <thread>

#include "target/loopback/exact_counts.h"

namespace loopgate::ring_test {
namespace {

TEST(Ring, RefusesWhatItHasNoRoomFor) {
  Ring<int, 4> ring;
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(ring.push(i));
  EXPECT_FALSE(ring.push(4));
  int item = -1;
  EXPECT_TRUE(ring.pop(&item));
  EXPECT_EQ(item, 0);
  EXPECT_TRUE(ring.push(5));
  for (const int expected : {1, 2, 3, 5}) {
    EXPECT_TRUE(ring.pop(&item));
    EXPECT_EQ(item, expected);
  }
  EXPECT_FALSE(ring.pop(&item));
}

TEST(Ring, CarriesEverythingInOrderBetweenTwoThreads) {
  constexpr int many = 20'000;
  const auto ring = std::make_unique<Ring<int, 64>>();
  std::thread writer([&] {
    for (int i = 0; i < many;) {
      if (ring->push(i)) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  int item = -1, wrong = 0;
  for (int expected = 0; expected < many;) {
    if (!ring->pop(&item)) {
      std::this_thread::yield();
      continue;
    }
    wrong += item == expected ? 0 : 1;
    ++expected;
  }
  writer.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ExactCounts, GiveNearestRanks) {
  ExactCounts counts;
  EXPECT_EQ(counts.total(), 0U);
  for (const std::int64_t ns : {30, 10, 20, 40}) counts.add(ns);
  EXPECT_EQ(counts.min_ns(), 10);
  EXPECT_EQ(counts.max_ns(), 40);
  EXPECT_EQ(counts.quantile_ns(500'000), 20);
  EXPECT_EQ(counts.quantile_ns(510'000), 30);
  EXPECT_EQ(counts.quantile_ns(1'000'000), 40);
}

TEST(ExactCounts, KeepTheLargestThatIsBeyondTheLimit) {
  ExactCounts counts;
  counts.add(5);
  counts.add(7'000'000'000);
  EXPECT_EQ(counts.max_ns(), 7'000'000'000);
  EXPECT_EQ(counts.quantile_ns(500'000), 5);
  EXPECT_EQ(counts.quantile_ns(1'000'000), 1'000'000);
}

}  // namespace
}  // namespace loopgate::ring_test
