#include "base/latency_list.h"

#include <gtest/gtest.h>

#include <vector>

namespace loopgate::latency_list_test {
namespace {

std::vector<std::int64_t> values_of(const LatencyList& list) {
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < list.size(); ++i) values.push_back(list[i]);
  return values;
}

LatencyList list_of(const std::vector<std::int64_t>& values) {
  LatencyList list;
  for (const std::int64_t each : values) list.push_back(each);
  return list;
}

TEST(LatencyList, KeepsWhatIsPutIn) {
  constexpr std::int64_t last_narrow = (std::int64_t{1} << 32U) - 2;
  for (const std::vector<std::int64_t>& values : {std::vector<std::int64_t>{},
                                                  {0, 1, last_narrow, no_answer_ns},
                                                  {5, no_answer_ns, last_narrow + 1, 7},
                                                  {last_narrow + 1},
                                                  {-1, 3},
                                                  {3, no_answer_ns - 1, no_answer_ns}})
    EXPECT_EQ(values_of(list_of(values)), values);
}

TEST(LatencyList, TakesFourBytesUntilOneIsLonger) {
  LatencyList list;
  list.reserve(1'000);
  for (int i = 0; i < 1'000; ++i) list.push_back(i % 2 == 0 ? i : no_answer_ns);
  EXPECT_EQ(list.bytes(), 4'000U);
  auto values = values_of(list);
  values[7] = 5'000'000'000;
  list.set(7, values[7]);
  EXPECT_EQ(values_of(list), values);
  EXPECT_EQ(list.bytes(), 8'000U);
  list.set(7, 9);
  list.set(8, no_answer_ns);
  EXPECT_EQ(list[7], 9);
  EXPECT_EQ(list[8], no_answer_ns);
  EXPECT_EQ(list[9], no_answer_ns);
}

}  // namespace
}  // namespace loopgate::latency_list_test
