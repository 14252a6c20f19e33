#include "board/board_claim.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "base/testing/temp_folder.h"

namespace loopgate::board_claim_test {
namespace {

using ::testing::HasSubstr;

class BoardClaims : public ::testing::Test {
 protected:
  BoardClaims() { ::setenv("LOOPGATE_CACHE", cache_.path().c_str(), 1); }
  ~BoardClaims() override { ::unsetenv("LOOPGATE_CACHE"); }

  static LabBoard lab(const std::string& ssh, const std::string& configuration = {}) {
    LabBoard lab;
    lab.name = "pi4";
    lab.ssh = ssh;
    lab.ssh_config = configuration;
    return lab;
  }

  TempFolder cache_;
};

TEST_F(BoardClaims, HoldOffWhoeverReachesTheSameBoardUntilTheyEnd) {
  std::optional<BoardClaim> first;
  if (auto claim = BoardClaim::of(lab("root@pi4"))) first.emplace(std::move(*claim));
  ASSERT_TRUE(first);
  const auto second = BoardClaim::of(lab("root@pi4"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::infrastructure);
  EXPECT_EQ(second.error().what, "the board at root@pi4 is in use by another loopgate on this machine");
  EXPECT_THAT(second.error().next_step, HasSubstr(cache_.path().string()));
  EXPECT_TRUE(BoardClaim::of(lab("root@pi5")));
  EXPECT_TRUE(BoardClaim::of(lab("root@pi4", "/bench/ssh_config"))) << "the same name may lead elsewhere";
  const BoardClaim moved = std::move(*first);
  first.reset();
  EXPECT_FALSE(BoardClaim::of(lab("root@pi4"))) << "it was moved, not given back";
}

TEST_F(BoardClaims, AreGivenBackByAProcessThatIsKilled) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto claim = BoardClaim::of(lab("root@pi4"));
    ::_exit(claim ? 0 : 1);  // no destructor: what it made stays
  }
  int status = 1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_TRUE(BoardClaim::of(lab("root@pi4")));
  EXPECT_TRUE(std::filesystem::is_empty(cache_.path() / "boards")) << "nothing is left behind";
}

TEST_F(BoardClaims, SayWhyThereIsNone) {
  cache_.write("boards", "a file");
  const auto claim = BoardClaim::of(lab("root@pi4"));
  ASSERT_FALSE(claim);
  EXPECT_EQ(claim.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(claim.error().what, HasSubstr("boards"));
}

}  // namespace
}  // namespace loopgate::board_claim_test
