#include "target/agent/perturbation.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "target/agent/text_file.h"

namespace loopgate::perturbation_test {
namespace {

std::size_t resident_pages() {
  const auto text = read_text("/proc/self/statm");
  return text ? std::stoul(text->substr(text->find(' '))) : 0;
}

TEST(HeldMemory, IsTakenPageByPageAndGivenBack) {
  const std::size_t before = resident_pages();
  {
    const auto memory = HeldMemory::take(1'000);
    ASSERT_TRUE(memory) << memory.error().what;
    EXPECT_EQ(memory->size(), 1'000 * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
    EXPECT_GE(resident_pages(), before + 1'000);
  }
  EXPECT_LT(resident_pages(), before + 1'000);
}

TEST(HeldMemory, OfNothingIsNone) { EXPECT_EQ(HeldMemory::take(0).value().size(), 0U); }

TEST(HeldMemory, ThatIsNotThereIsRefused) {
  const auto memory = HeldMemory::take(std::size_t{1} << 50U);
  ASSERT_FALSE(memory);
  EXPECT_EQ(memory.error().kind, ErrorKind::infrastructure);
}

TEST(RandomNumbers, TakeTheSeedOrSayWhyNot) {
  const auto mixed = mix_into_random_numbers(7);
  if (mixed) return;
  EXPECT_TRUE(mixed.error().what.starts_with("RNDADDENTROPY: ")) << mixed.error().what;
}

}  // namespace
}  // namespace loopgate::perturbation_test
