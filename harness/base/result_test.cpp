#include "base/result.h"

#include <gmock/gmock.h>

#include <memory>

namespace loopgate::result_test {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(ErrorKind::data, std::to_string(number) + " is odd", "take an even one");
  return number / 2;
}

Status check_small(int number) {
  if (number > 10) return fail(ErrorKind::usage, std::to_string(number) + " is too large");
  return {};
}

Result<std::string> quarter(int number) {
  TRY(first, half(number));
  TRY(second, half(first));
  return std::to_string(second);
}

Status check_both(int left, int right, int* checked) {
  TRY_STATUS(check_small(left));
  ++*checked;
  TRY_STATUS(check_small(right));
  ++*checked;
  return {};
}

Status check_quarter(int number) {
  TRY_STATUS(quarter(number));  // the value may be left
  return {};
}

Result<int> moved_value(std::unique_ptr<int> number) {
  TRY(taken, Result<std::unique_ptr<int>>(std::move(number)));
  return *taken;
}

TEST(Try, GivesTheValue) {
  EXPECT_EQ(quarter(12).value(), "3");
  EXPECT_EQ(moved_value(std::make_unique<int>(7)).value(), 7);
  EXPECT_TRUE(check_quarter(4));
}

TEST(Try, ReturnsTheWholeErrorAtOnce) {
  const auto first = quarter(7);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().kind, ErrorKind::data);
  EXPECT_EQ(first.error().what, "7 is odd");
  EXPECT_EQ(first.error().next_step, "take an even one");
  EXPECT_EQ(quarter(14).error().what, "7 is odd");
  EXPECT_EQ(check_quarter(2).error().what, "1 is odd");
}

TEST(Try, StopsAtTheFirstBadStatus) {
  int checked = 0;
  EXPECT_TRUE(check_both(1, 2, &checked));
  EXPECT_EQ(checked, 2);
  const Status bad = check_both(3, 11, &checked);
  EXPECT_EQ(checked, 3);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, ErrorKind::usage);
  EXPECT_EQ(bad.error().what, "11 is too large");
}

}  // namespace
}  // namespace loopgate::result_test
