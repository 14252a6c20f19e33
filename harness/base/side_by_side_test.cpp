#include "base/side_by_side.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>

namespace loopgate {
namespace {

TEST(SideBySide, CarriesAllOfItOutOnce) {
  for (const int jobs : {1, 3, 40}) {
    std::mutex mutex;
    std::multiset<std::size_t> done;
    EXPECT_TRUE(side_by_side(20, jobs, [&](std::size_t i) -> Status {
      const std::lock_guard guard(mutex);
      done.insert(i);
      return {};
    }));
    EXPECT_EQ(done.size(), 20U);
    EXPECT_EQ(std::set<std::size_t>(done.begin(), done.end()).size(), 20U);
  }
  EXPECT_TRUE(side_by_side(0, 4, [](std::size_t) -> Status { return fail(ErrorKind::usage, "none"); }));
}

TEST(SideBySide, HasSoManyAtATime) {
  std::latch both(2);
  EXPECT_TRUE(side_by_side(2, 2, [&](std::size_t) -> Status {
    both.arrive_and_wait();  // would not end with one at a time
    return {};
  }));
}

TEST(SideBySide, BeginsNoOtherOnceOneHasFailed) {
  std::atomic<int> begun = 0;
  const Status done = side_by_side(1'000, 1, [&](std::size_t i) -> Status {
    ++begun;
    return i < 2 ? Status() : fail(ErrorKind::kernel, "cell " + std::to_string(i));
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kernel);
  EXPECT_EQ(done.error().what, "cell 2");
  EXPECT_EQ(begun, 3);
}

TEST(SideBySide, GivesTheErrorOfTheFirstOfThem) {
  std::latch both(2);
  const Status done = side_by_side(2, 2, [&](std::size_t i) -> Status {
    both.arrive_and_wait();
    return fail(ErrorKind::usage, std::to_string(i));
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what, "0");
}

TEST(SideBySide, AnExceptionIsTheBenchsFault) {
  const Status done =
      side_by_side(1, 1, [](std::size_t) -> Status { throw std::runtime_error("out of something"); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::infrastructure);
  EXPECT_EQ(done.error().what, "out of something");
}

}  // namespace
}  // namespace loopgate
