// Plan file, seed and chain: pure, so that each refusal is held against its sentence.
#include "accept/plan_file.h"

#include <gmock/gmock.h>

#include "accept/chain.h"
#include "accept/seed.h"
#include "base/digest.h"
#include "base/file.h"

namespace loopgate::plan_file_test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string head = "title = \"t\"\nboard = \"b\"\ndecision_rule = \"r\"\n";
const std::string run = "[[run]]\nsuite = \"irq-to-gpio\"\npolicy = \"release.toml\"\n";

std::string refusal(const std::string& text) {
  const auto plan = parse_acceptance_plan(text, "acceptance.toml");
  if (plan) return "accepted";
  EXPECT_EQ(plan.error().kind, ErrorKind::usage);
  EXPECT_THAT(plan.error().what, HasSubstr("acceptance.toml"));
  return plan.error().what;
}

TEST(AcceptancePlanFile, IsReadStrictly) {
  EXPECT_EQ(refusal(head + run), "accepted");
  EXPECT_THAT(refusal(head), HasSubstr("at least one [[run]]"));
  EXPECT_THAT(refusal(head + "guard_band_us = 3\n" + run), HasSubstr("guard_band_us"));
  EXPECT_THAT(refusal(head + run + "sample = 3\n"), AllOf(HasSubstr("run[0]"), HasSubstr("sample")));
  EXPECT_THAT(refusal(head + run + "samples = 0\n"), HasSubstr("must be from 1"));
  EXPECT_THAT(refusal(head + run + "kernels = []\n"), HasSubstr("names none"));
  EXPECT_THAT(refusal(head + run + "policy_sha256 = \"abc\"\n"), HasSubstr("64 hexadecimal digits"));
  EXPECT_THAT(refusal(head + run + run), HasSubstr("a second run is called irq-to-gpio"));
  for (const char* name : {"../x", "a b", "", ".", "a/b", "<b>x y"})
    EXPECT_THAT(refusal(head + run + "name = \"" + name + "\"\n"), HasSubstr("plain file name")) << name;
  EXPECT_THAT(refusal(head + "signatures = { wanted = 3, of = 2 }\n" + run), HasSubstr("wanted"));
}

TEST(AcceptancePlanFile, ThatIsShippedIsRead) {
  const auto text = read_file(LOOPGATE_SOURCE_DIR "/suites/irq-to-gpio/acceptance.toml");
  ASSERT_TRUE(text);
  ASSERT_EQ(refusal(*text), "accepted");
  const auto plan = parse_acceptance_plan(*text, "acceptance.toml");
  ASSERT_EQ(plan->runs.size(), 1U);
  const PlannedRun& only = plan->runs[0];
  EXPECT_FALSE(only.kernels.empty() || only.loads.empty() || only.samples == 0 || only.repeat == 0)
      << "what is left out is not agreed";
  const auto policy = read_file(LOOPGATE_SOURCE_DIR "/suites/irq-to-gpio/" + only.policy);
  ASSERT_TRUE(policy);
  EXPECT_EQ(only.policy_sha256, sha256_of(*policy))
      << only.policy << " was changed: its new digest belongs into policy_sha256 of acceptance.toml";
}

// printf '%s\n' 6f1c6f1c aaaa bbbb | sha256sum | cut -c1-12
TEST(DerivedSeed, IsWhatAShellDerives) {
  EXPECT_EQ(derived_seed("6f1c6f1c", {"bbbb", "aaaa", "bbbb"}), 0x058823b4b3ccU);
  EXPECT_NE(derived_seed("6f1c6f1c", {"bbbb"}), derived_seed("6f1c6f1c", {"aaaa"}));
  EXPECT_TRUE(check_nonce("6f1c6f1c"));
  for (const char* nonce : {"", "short", "with a blank", "line\nfeed-12345", "<b>markup</b>"})
    EXPECT_FALSE(check_nonce(nonce)) << nonce;
}

ChainLink link(const std::string& name, const std::string& after,
               const std::string& begun = "2026-02-01T00:00:00Z") {
  ChainLink made{name + ".lgb", name, "id of " + name, begun, "2026-01-01T00:00:00Z", std::nullopt};
  if (!after.empty()) made.predecessor = Predecessor{"id of " + after, after, "2026-01-01T00:00:00Z"};
  return made;
}

std::string broken(const std::vector<ChainLink>& links) {
  const auto order = order_of_chain(links);
  if (order) return "a chain";
  EXPECT_EQ(order.error().kind, ErrorKind::data);
  return order.error().what;
}

TEST(Chain, IsPutIntoOrder) {
  const auto order = order_of_chain({link("c", "b"), link("a", ""), link("b", "a")});
  ASSERT_TRUE(order) << to_text(order.error());
  EXPECT_THAT(*order, ElementsAre(1, 2, 0));
}

// What was left out, such as a FAIL, shows.
TEST(Chain, ThatIsBrokenIsRefusedByName) {
  EXPECT_THAT(broken({link("c", "b"), link("a", "")}),
              AllOf(HasSubstr("c.lgb: comes after a bundle that is not given"), HasSubstr("sha256 b")));
  EXPECT_THAT(broken({link("b", "a")}), HasSubstr("not given"));
  EXPECT_THAT(broken({link("a", ""), link("b", "a"), link("c", "a")}),
              HasSubstr("b.lgb and c.lgb both come after a.lgb"));
  EXPECT_THAT(broken({link("a", ""), link("b", "")}), HasSubstr("both name no predecessor"));
  EXPECT_THAT(broken({link("a", ""), link("a", "")}), HasSubstr("the same bundle"));
  EXPECT_THAT(broken({link("a", "b"), link("b", "a")}), HasSubstr("in a circle"));
  EXPECT_THAT(broken({link("a", ""), link("b", "a", "2025-12-31T00:00:00Z")}),
              HasSubstr("began 2025-12-31T00:00:00Z, before its predecessor a.lgb ended"));
}

TEST(Chain, IsNotOrderedByWhatALaterOneSaysOfAnEarlierOne) {
  ChainLink later = link("b", "a");
  later.predecessor->id = "of another";
  EXPECT_THAT(
      broken({link("a", ""), later}),
      HasSubstr("b.lgb: says that the id of its predecessor a.lgb is of another, and that one says id of a"));
  ChainLink earlier = link("a", "");
  earlier.ended = "2026-03-01T00:00:00Z";
  EXPECT_THAT(
      broken({earlier, link("b", "a")}),
      HasSubstr("says that the end of its predecessor a.lgb is 2026-01-01T00:00:00Z, and that one says "
                "2026-03-01T00:00:00Z"));
}

}  // namespace
}  // namespace loopgate::plan_file_test
