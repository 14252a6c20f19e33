#include "base/program_start.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <locale>
#include <new>

#include "base/exit_status.h"
#include "base/process.h"
#include "base/testing/variable.h"

namespace loopgate::program_start_test {
namespace {

// What a process comes to that does this: its wait status.
int status_of(const std::function<bool()>& act) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(act() ? 0 : 1);
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(ProgramStart, AFileNeverGetsTheNumberOfAClosedStream) {
  for (const int closed : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    EXPECT_EQ(status_of([&] {
                ::close(closed);
                open_standard_descriptors();
                return ::open("/dev/null", O_WRONLY) > STDERR_FILENO;
              }),
              0)
        << closed;
  }
  EXPECT_EQ(status_of([] {
              for (const int all : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(all);
              open_standard_descriptors();
              char byte = 0;
              return ::open("/dev/null", O_WRONLY) > STDERR_FILENO && ::read(STDIN_FILENO, &byte, 1) == 0 &&
                     ::write(STDERR_FILENO, "x", 1) == 1;
            }),
            0);
}

TEST(ProgramStart, AnAnswerToAClosedStandardOutputIsKnownToBeLost) {
  EXPECT_EQ(status_of([] {
              ::close(STDOUT_FILENO);
              open_standard_descriptors();
              if (::write(STDOUT_FILENO, "x", 1) >= 0 || errno != EBADF) return false;
              const int again = ::open("/dev/stdout", O_WRONLY);
              return again < 0 || ::write(again, "x", 1) < 0;
            }),
            0);
}

TEST(ProgramStart, AnUncaughtExceptionIsNobodysVerdict) {
  const int status = status_of([] {
    end_as_invalid_by_uncaught_exceptions();
    const std::function<void()> throws = [] { throw std::bad_alloc(); };
    [&]() noexcept { throws(); }();  // as a destructor does
    return true;
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), exit_invalid);
}

TEST(ProgramStart, OpenStreamsAreLeftAsTheyAre) {
  EXPECT_EQ(status_of([] {
              int ends[2];
              if (::pipe(ends) != 0 || ::dup2(ends[1], STDOUT_FILENO) < 0) return false;
              open_standard_descriptors();
              char byte = 0;
              return ::write(STDOUT_FILENO, "x", 1) == 1 && ::read(ends[0], &byte, 1) == 1 && byte == 'x';
            }),
            0);
}

TEST(ProgramStart, AReaderWhoLeavesEndsNothing) {
  EXPECT_EQ(status_of([] {
              outlive_readers();
              int ends[2];
              if (::pipe(ends) != 0) return false;
              ::close(ends[0]);
              return ::write(ends[1], "x", 1) < 0 && errno == EPIPE;
            }),
            0);
}

// As they would had nobody cared: `yes | head -1` in a script of theirs must end.
TEST(ProgramStart, ProgramsThatAreStartedEndWithTheirReaders) {
  const int status = status_of([] {
    outlive_readers();
    ::execl("/bin/sh", "sh", "-c", "kill -PIPE $$", nullptr);
    return false;
  });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE) << status;
}

TEST(ProgramStart, ALocaleThatIsUnknownHereIsNamedAndNobodyMeetsIt) {
  const Variable all("LC_ALL", "xx_YY.UTF-8");
  EXPECT_EQ(settle_locale(), "LC_ALL=xx_YY.UTF-8");
  EXPECT_STREQ(std::getenv("LC_ALL"), "C");
  EXPECT_NO_THROW(std::locale("")) << "which libraries ask for";
}

TEST(ProgramStart, TheVariableThatNamesALocaleUnknownHereIsFound) {
  const Variable all("LC_ALL", nullptr);
  const Variable language("LANG", "C");
  const Variable time("LC_TIME", "xx_YY");
  EXPECT_EQ(settle_locale(), "LC_TIME=xx_YY");
}

TEST(ProgramStart, TheLocaleIsCWhateverThisMachineHas) {
  const Variable language("LANG", "xx_YY.UTF-8");
  for (const char* known : {"C", "POSIX"}) {
    const Variable all("LC_ALL", known);
    EXPECT_EQ(settle_locale(), "") << "LC_ALL stands above LANG";
    EXPECT_STREQ(std::getenv("LC_ALL"), "C");
  }
}

// As under systemd's or cron's barest environment: QEMU is not "not installed" there.
TEST(ProgramStart, WithoutAPathProgramsAreFoundWhereTheSystemHasThem) {
  for (const char* none : {static_cast<const char*>(nullptr), ""}) {
    const Variable path("PATH", none);
    EXPECT_EQ(find_program("sh"), "");
    settle_path();
    EXPECT_NE(find_program("sh"), "");
  }
  const Variable path("PATH", "/own");
  settle_path();
  EXPECT_STREQ(std::getenv("PATH"), "/own");
}

}  // namespace
}  // namespace loopgate::program_start_test
