#include "cost/path_functions.h"

#include <gmock/gmock.h>

namespace loopgate {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;

auto costs(const char* function, std::int64_t ns) {
  return AllOf(Field(&FunctionCost::function, function), Field(&FunctionCost::ns, ns));
}

TEST(PathFunctions, ThoseThatGotLongerAreNamedTheMostFirst) {
  EXPECT_THAT(longer_functions({{"schedule", 100}, {"gone", 10}}, {{"schedule", 130}, {"audit", 300}}),
              ElementsAre(costs("audit", 300), costs("schedule", 30)));
}

TEST(PathFunctions, OfAShorterPathThoseThatGotShorter) {
  EXPECT_THAT(longer_functions({{"schedule", 100}, {"gone", 50}}, {{"schedule", 110}}),
              ElementsAre(costs("gone", -50)));
}

TEST(PathFunctions, EqualPathsHaveNone) { EXPECT_TRUE(longer_functions({{"a", 1}}, {{"a", 1}}).empty()); }

TEST(PathFunctions, AtMostFiveAreNamed) {
  EXPECT_EQ(longer_functions({}, {{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}, {"e", 5}, {"f", 6}}).size(),
            most_functions);
}

}  // namespace
}  // namespace loopgate
