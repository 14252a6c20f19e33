#include "run/contenders.h"

#include <gmock/gmock.h>

namespace loopgate {
namespace {

using testing::ElementsAre;

Payload three() {
  Payload payload;
  payload.command = {"/bin/responder_go", "--chip", "{chip}"};
  payload.contenders = {
      {"cpp", {"/bin/responder", "--chip", "{chip}"}, {}}, {"go", {}, {}}, {"go-off", {}, {"--gogc", "off"}}};
  return payload;
}

std::vector<std::string> texts(const std::vector<std::string>& given, const Payload& payload) {
  std::vector<std::string> names;
  for (const KernelChoice& choice : kernel_choices(given, payload)) names.push_back(choice.text());
  return names;
}

TEST(Contenders, AKernelMeetsEachOfThemInTheSuitesOrder) {
  EXPECT_THAT(texts({"generic", "rt"}, three()),
              ElementsAre("generic+cpp", "generic+go", "generic+go-off", "rt+cpp", "rt+go", "rt+go-off"));
}

TEST(Contenders, APairIsThatPairAlone) {
  EXPECT_THAT(texts({"rt+go-off", "./my+own.toml+cpp"}, three()),
              ElementsAre("rt+go-off", "./my+own.toml+cpp"));
  const auto choices = kernel_choices({"./my+own.toml+cpp"}, three());
  ASSERT_EQ(choices.size(), 1U);
  EXPECT_EQ(choices[0].kernel, "./my+own.toml");
  EXPECT_EQ(choices[0].contender, "cpp");
}

TEST(Contenders, WhatIsNoneOfThemIsAPartOfTheKernelsName) {
  EXPECT_THAT(texts({"6.12+rt"}, three()), ElementsAre("6.12+rt+cpp", "6.12+rt+go", "6.12+rt+go-off"));
}

TEST(Contenders, WithoutThemEveryNameIsAsItIs) {
  Payload payload;
  payload.command = {"/bin/responder"};
  EXPECT_THAT(texts({"generic", "rt+go"}, payload), ElementsAre("generic", "rt+go"));
  EXPECT_THAT(command_of(payload, ""), ElementsAre("/bin/responder"));
}

TEST(Contenders, OneHasACommandOfItsOwnOrAddsToThePayloads) {
  EXPECT_THAT(command_of(three(), "cpp"), ElementsAre("/bin/responder", "--chip", "{chip}"));
  EXPECT_THAT(command_of(three(), "go"), ElementsAre("/bin/responder_go", "--chip", "{chip}"));
  EXPECT_THAT(command_of(three(), "go-off"),
              ElementsAre("/bin/responder_go", "--chip", "{chip}", "--gogc", "off"));
}

TEST(Contenders, AKernelIsNamedByThePairAndKnowsItsOwnName) {
  Kernel kernel;
  kernel.name = "generic";
  const Kernel pair = with_contender(kernel, "go-off");
  EXPECT_EQ(pair.name, "generic+go-off");
  EXPECT_EQ(name_without_contender(pair.name, pair.contender), "generic");
  EXPECT_EQ(with_contender(kernel, "").name, "generic");
  EXPECT_EQ(name_without_contender("generic", ""), "generic");
}

}  // namespace
}  // namespace loopgate
