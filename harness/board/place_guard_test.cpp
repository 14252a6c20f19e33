#include "board/place_guard.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/testing/temp_folder.h"
#include "base/testing/variable.h"
#include "board/testing/fake_labgrid.h"

namespace loopgate::place_guard_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<std::string> client = {"labgrid-client", "-x", "192.0.2.1:20408"};

std::string token_of(const FakeLabgrid& labgrid) {
  const std::string text = labgrid.recorded("reserve name=nano-1");
  return text.substr(text.find("token: ") + 7, 10);
}

TEST(PlaceGuard, AcquiresCancelsTheReservationAndGivesBackOnce) {
  const FakeLabgrid labgrid("26.0", "by-name.txt");
  const std::string token = token_of(labgrid);
  auto guard = PlaceGuard::start(client);
  ASSERT_TRUE(guard) << guard.error().what;
  ASSERT_TRUE((*guard)->reserved(token));
  const auto acquired = (*guard)->acquire("nano-1");
  ASSERT_TRUE(acquired) << acquired.error().what;
  const auto given = (*guard)->give_back();
  EXPECT_TRUE(given) << given.error().what;
  guard->reset();
  EXPECT_THAT(labgrid.calls(),
              ElementsAre("-p nano-1 acquire", "cancel-reservation " + token, "-p nano-1 release"));
  EXPECT_EQ(labgrid.options(), "-x 192.0.2.1:20408 \n");
}

TEST(PlaceGuard, ThatIsForgottenGivesBack) {
  const FakeLabgrid labgrid("26.0", "by-name.txt");
  {
    auto guard = PlaceGuard::start(client);
    ASSERT_TRUE(guard && (*guard)->acquire("nano-1"));
  }
  EXPECT_THAT(labgrid.calls(), ElementsAre("-p nano-1 acquire", "-p nano-1 release"));
}

TEST(PlaceGuard, WithoutAPlaceCancelsTheReservationAlone) {
  const FakeLabgrid labgrid("26.0", "refusals.txt");
  {
    auto guard = PlaceGuard::start(client);
    ASSERT_TRUE(guard && (*guard)->reserved("NOTTHERE00"));
    const auto acquired = (*guard)->acquire("nano-1");
    ASSERT_FALSE(acquired);
    EXPECT_EQ(acquired.error().kind, ErrorKind::infrastructure);
    EXPECT_THAT(acquired.error().what, HasSubstr("place nano-1 cannot be acquired"));
    EXPECT_THAT(acquired.error().what, HasSubstr("already acquired by bench/bob"));
  }
  EXPECT_THAT(labgrid.calls(), ElementsAre("-p nano-1 acquire", "cancel-reservation NOTTHERE00"))
      << "what others have is not released";
}

TEST(PlaceGuard, SaysHowToReleaseByHand) {
  FakeLabgrid labgrid("26.0", "by-name.txt");
  auto guard = PlaceGuard::start(client);
  ASSERT_TRUE(guard && (*guard)->acquire("nano-1"));
  labgrid.refuse("-p nano-1 release", "place nano-1 is not acquired");
  const auto given = (*guard)->give_back();
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().kind, ErrorKind::infrastructure);
  EXPECT_EQ(given.error().what, "labgrid place nano-1 not released: place nano-1 is not acquired");
  EXPECT_EQ(given.error().next_step, "by hand: labgrid-client -x 192.0.2.1:20408 -p nano-1 release");
}

TEST(PlaceGuard, DoesNotWaitForACoordinatorForEver) {
  FakeLabgrid labgrid("26.0", "by-name.txt");
  labgrid.delay("-p nano-1 release", "30");
  auto guard = PlaceGuard::start(client, std::chrono::seconds(1));
  ASSERT_TRUE(guard && (*guard)->acquire("nano-1"));
  const auto given = (*guard)->give_back();
  ASSERT_FALSE(given);
  EXPECT_THAT(given.error().what, HasSubstr("labgrid-client took longer than 1 s"));
}

TEST(PlaceGuard, GivesALockBackThatItDidNotWaitFor) {
  FakeLabgrid labgrid("26.0", "by-name.txt");
  labgrid.delay("-p nano-1 acquire", "5");
  {
    auto guard = PlaceGuard::start(client, std::chrono::seconds(1));
    ASSERT_TRUE(guard);
    const auto acquired = (*guard)->acquire("nano-1");
    ASSERT_FALSE(acquired);
    EXPECT_THAT(acquired.error().what, HasSubstr("took longer than 1 s"));
  }
  EXPECT_THAT(labgrid.calls(), ElementsAre("-p nano-1 acquire", "-p nano-1 release"));
}

// As by ^C: to the whole foreground group; then at once.
void end_as(int signal) {
  const FakeLabgrid labgrid("26.0", "by-name.txt");
  int held[2];  // its writing end is open as long as the guard is
  ASSERT_EQ(::pipe(held), 0);
  const pid_t loopgate = ::fork();
  if (loopgate == 0) {
    ::setpgid(0, 0);
    ::signal(signal, SIG_DFL);  // a shell's background job ignores SIGINT, and so would this
    auto guard = PlaceGuard::start(client);
    if (!guard || !(*guard)->acquire("nano-1")) ::_exit(1);
    ::kill(0, signal);
    ::sleep(30);
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(loopgate, &status, 0), loopgate);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal);
  ::close(held[1]);
  pollfd watched{held[0], POLLIN, 0};
  EXPECT_EQ(::poll(&watched, 1, 30000), 1);
  ::close(held[0]);
  EXPECT_THAT(labgrid.calls(), ElementsAre("-p nano-1 acquire", "-p nano-1 release"));
}

// Of a run's messages, as `loopgate run 2>&1 | tee log` is.
TEST(PlaceGuard, NoReaderWaitsForIt) {
  FakeLabgrid labgrid("26.0", "by-name.txt");
  labgrid.delay("-p nano-1 release", "2");
  const TempFolder cache;
  const Variable here("LOOPGATE_CACHE", cache.path().c_str());
  int messages[2];
  ASSERT_EQ(::pipe2(messages, O_CLOEXEC), 0);
  const pid_t loopgate = ::fork();
  if (loopgate == 0) {
    ::dup2(messages[1], STDERR_FILENO);
    auto guard = PlaceGuard::start(client);
    if (!guard || !(*guard)->acquire("nano-1")) ::_exit(1);
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(loopgate, &status, 0), loopgate);
  ASSERT_TRUE(WIFSIGNALED(status));
  ::close(messages[1]);
  char byte = 0;
  EXPECT_EQ(::read(messages[0], &byte, 1), 0) << "it says nothing there";
  EXPECT_EQ(text_of_file(PlaceGuard::log_file()), "") << "and has not given the place back yet";
  ::close(messages[0]);
  for (int i = 0; i < 500 && text_of_file(PlaceGuard::log_file()).empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_THAT(text_of_file(PlaceGuard::log_file()), HasSubstr("released labgrid place nano-1"));
  EXPECT_THAT(labgrid.calls(), ElementsAre("-p nano-1 acquire", "-p nano-1 release"));
}

TEST(PlaceGuard, GivesBackWhenItsOwnerIsKilled) { end_as(SIGKILL); }
TEST(PlaceGuard, GivesBackWhenItsOwnerIsInterrupted) { end_as(SIGINT); }
TEST(PlaceGuard, GivesBackWhenItsTerminalIsGone) { end_as(SIGHUP); }

}  // namespace
}  // namespace loopgate::place_guard_test
