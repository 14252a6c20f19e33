#include "cost/rebuilt_end.h"

#include <gmock/gmock.h>

namespace loopgate {
namespace {

using testing::ElementsAre;
using testing::Field;

const std::vector<ConfigOption> own = {{"CONFIG_FUTEX", "y"}, {"CONFIG_TICK", "y"}};
const std::vector<ConfigOption> built = {{"CONFIG_BY_DEFAULT", "y"},
                                         {"CONFIG_FUTEX", "y"},
                                         {"CONFIG_HZ", "250"},
                                         {"CONFIG_NAME", "\"a\""},
                                         {"CONFIG_TICK", "y"}};
const std::vector<ConfigOption> other = {{"CONFIG_AUDIT", "y"},    {"CONFIG_DEBUG_INFO_BTF", "y"},
                                         {"CONFIG_FUTEX", "y"},    {"CONFIG_HZ", "1000"},
                                         {"CONFIG_NAME", "\"b\""}, {"CONFIG_SOUND", "m"}};

std::vector<std::string> names_of(const std::vector<ConfigOption>& options) {
  std::vector<std::string> names;
  for (const ConfigOption& option : options) names.push_back(option.name + "=" + option.value);
  return names;
}

TEST(RebuiltEnd, TakesOverWhatIsInAnImageAndSaysWhyTheRestIsNot) {
  const RebuiltOptions options = rebuilt_options(own, built, other, {});
  EXPECT_THAT(names_of(options.fragment), ElementsAre("CONFIG_AUDIT=y", "CONFIG_BY_DEFAULT=n",
                                                      "CONFIG_FUTEX=y", "CONFIG_HZ=1000", "CONFIG_TICK=n"));
  EXPECT_THAT(options.left_out, ElementsAre(Field(&ListedChange::kind, left_out_symbols),
                                            Field(&ListedChange::kind, left_out_text),
                                            Field(&ListedChange::kind, left_out_module)));
  EXPECT_EQ(left_out_text_of(options.left_out),
            "3 options differ and are in no step: 1 debugger's symbols, 1 module, 1 text");
}

TEST(RebuiltEnd, TakesOverOnlyWhatIsAskedFor) {
  const RebuiltOptions options = rebuilt_options(own, built, other, {"CONFIG_AU*", "CONFIG_HZ"});
  EXPECT_THAT(names_of(options.fragment),
              ElementsAre("CONFIG_AUDIT=y", "CONFIG_FUTEX=y", "CONFIG_HZ=1000", "CONFIG_TICK=y"));
}

TEST(RebuiltEnd, WhatKconfigDoesNotTakeIsLeftOut) {
  RebuiltOptions options = rebuilt_options(own, built, other, {});
  leave_out({"CONFIG_AUDIT", "CONFIG_FUTEX"}, left_out_lost, built, &options);
  EXPECT_THAT(names_of(options.fragment),
              ElementsAre("CONFIG_BY_DEFAULT=n", "CONFIG_FUTEX=y", "CONFIG_HZ=1000", "CONFIG_TICK=n"));
  EXPECT_EQ(options.left_out.back().text, "CONFIG_AUDIT=n -> y");
  EXPECT_EQ(options.left_out.back().kind, left_out_lost);
}

TEST(RebuiltEnd, WhereNothingIsLeftOutNothingIsSaid) { EXPECT_EQ(left_out_text_of({}), ""); }

}  // namespace
}  // namespace loopgate
