#include "base/process.h"

#include <gmock/gmock.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "base/testing/temp_folder.h"

namespace loopgate::process_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds ample{20};

std::vector<std::string> shell(const std::string& script) { return {"sh", "-c", script}; }

// A process that ended may still stand there as a zombie until its parent asks.
bool runs(const std::string& pid) {
  const std::string stat = text_of_file("/proc/" + pid + "/stat");
  return !stat.empty() && stat.find(") Z ") == std::string::npos;
}

TEST(EndChild, LeavesNoZombie) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  end_child(child);
  EXPECT_EQ(::waitpid(child, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD) << "it is reaped already";
  end_child(child);  // and gone
}

TEST(RunProgram, GivesStatusAndBothStreams) {
  const auto finished = run_program(shell("echo out; echo err >&2; exit 3"), ample);
  ASSERT_TRUE(finished) << finished.error().what;
  EXPECT_EQ(finished->exit_status, 3);
  EXPECT_EQ(finished->output, "out\n");
  EXPECT_EQ(finished->errors, "err\n");
}

TEST(RunProgram, PassesArgumentsAsTheyAre) {
  const auto finished = run_program({"printf", "%s|", "a b", "$HOME", "", "'\""}, ample);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->output, "a b|$HOME||'\"|");
}

TEST(RunProgram, TellsEachLineOfItsErrors) {
  std::vector<std::string> lines;
  const auto finished = run_program(shell("printf 'one\\n\\ntwo\\nno end' >&2"), ample,
                                    [&](const std::string& line) { lines.push_back(line); });
  ASSERT_TRUE(finished);
  EXPECT_THAT(lines, ElementsAre("one", "", "two", "no end"));
  EXPECT_EQ(finished->errors, "one\n\ntwo\nno end");
}

TEST(RunProgram, TakesMoreThanAPipeHolds) {
  const auto finished = run_program(shell("head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero"), ample);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->output.size(), 300'000U);
  EXPECT_EQ(finished->errors.size(), 300'000U);
}

TEST(RunProgram, HasNoInput) {
  const auto finished = run_program({"cat"}, ample);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->output, "");
}

TEST(RunProgram, KilledIsNoSuccess) {
  const auto finished = run_program(shell("kill -9 $$"), ample);
  EXPECT_TRUE(!finished || finished->exit_status != 0);
}

TEST(RunProgram, ThatIsNotThereIsAnErrorThatNamesIt) {
  const auto missing = run_program({"loopgate-no-such-program"}, ample);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::infrastructure);
  EXPECT_EQ(missing.error().what, "the program loopgate-no-such-program is not installed");
  EXPECT_THAT(missing.error().next_step, HasSubstr("ci/setup"));
  const auto by_path = run_program({"/nowhere/at-all"}, ample);
  ASSERT_FALSE(by_path);
  EXPECT_EQ(by_path.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(by_path.error().what, HasSubstr("/nowhere/at-all: cannot be started"));
  EXPECT_FALSE(run_program({}, ample));
}

TEST(RunProgram, IsStoppedAtItsLimitWithItsChildren) {
  const TempFolder folder;
  const std::string note = (folder.path() / "child").string();
  const auto start = Clock::now();
  const auto finished =
      run_program({"sh", "-c", "sleep 30 & echo $! > \"$0\"; wait", note}, std::chrono::seconds(1));
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(10));
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(finished.error().what, HasSubstr("did not end within 1 s and was stopped"));
  std::string child = text_of_file(note);
  ASSERT_FALSE(child.empty());
  child.pop_back();
  for (int i = 0; i < 100 && runs(child); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_FALSE(runs(child));
}

// A program that closes its streams and goes on is bound by the limit too.
TEST(RunProgram, IsStoppedAtItsLimitWhenItSaysNothingMore) {
  const auto start = Clock::now();
  const auto finished = run_program(shell("exec >/dev/null 2>&1; sleep 4; true"), std::chrono::seconds(1));
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(3));
  EXPECT_FALSE(finished);
}

// A signal of ours that comes meanwhile (a window's new size, a timer's) ends the wait, and not the program.
TEST(RunProgram, IsNotBlamedForASignalToItsCaller) {
  struct sigaction ours{};
  struct sigaction before{};
  ours.sa_handler = [](int) {};  // without SA_RESTART, so that every wait ends with EINTR
  ASSERT_EQ(::sigaction(SIGUSR1, &ours, &before), 0);
  std::atomic<bool> over{false};
  std::thread caller([&, self = ::pthread_self()] {
    while (!over) {
      ::pthread_kill(self, SIGUSR1);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  });
  const auto finished = run_program(shell("exec >/dev/null 2>&1; sleep 0.5; exit 7"), ample);
  over = true;
  caller.join();
  ::sigaction(SIGUSR1, &before, nullptr);
  ASSERT_TRUE(finished) << finished.error().what;
  EXPECT_EQ(finished->exit_status, 7);
}

Program shell_program(const std::string& script) {
  Program program;
  program.argv = shell(script);
  program.limit = ample;
  return program;
}

TEST(RunProgram, TakesItsInputFromAText) {
  Program program = shell_program("cat");
  program.input = std::string(300'000, 'x') + "end";
  const auto finished = run_program(program);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->output, program.input);
}

TEST(RunProgram, GoesFromFileToFile) {
  const TempFolder folder;
  Program program = shell_program("cat; echo done >&2");
  program.input_file = folder.write("in", std::string("a\0b\n", 4));
  program.output_file = folder.path() / "out";
  const auto finished = run_program(program);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->output, "");
  EXPECT_EQ(finished->errors, "done\n");
  EXPECT_EQ(text_of_file(program.output_file), std::string("a\0b\n", 4));
}

TEST(RunProgram, WhoseFilesAreNotThereIsAnError) {
  Program program = shell_program("cat");
  program.input_file = "/nowhere/in";
  const auto missing = run_program(program);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().what, HasSubstr("/nowhere/in: cannot be opened"));
  program.input_file.clear();
  program.output_file = "/nowhere/out";
  EXPECT_FALSE(run_program(program));
}

TEST(RunProgram, GivesItsOutputAsItComes) {
  Program program = shell_program("echo one; read answer; echo two");
  program.input = "go\n";
  std::string seen;
  program.on_output = [&](std::string_view text) { seen += text; };
  const auto finished = run_program(program);
  ASSERT_TRUE(finished);
  EXPECT_EQ(seen, "one\ntwo\n");
  EXPECT_EQ(finished->output, "");
}

TEST(RunProgram, KeepsTheLastOfItsErrors) {
  Program program = shell_program("head -c 100000 /dev/zero >&2; printf end >&2");
  program.errors_max = 10;
  const auto finished = run_program(program);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->errors, std::string(7, '\0') + "end");
}

TEST(RunProgram, IsStoppedWhenItIsNotWantedAnyMore) {
  Program program = shell_program("sleep 30");
  program.pause = std::chrono::milliseconds(10);
  int asked = 0;
  program.on_pause = [&] { return ++asked < 3; };
  const auto start = Clock::now();
  const auto finished = run_program(program);
  ASSERT_TRUE(finished);
  EXPECT_TRUE(finished->stopped);
  EXPECT_EQ(asked, 3);
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(5));
}

TEST(Quoted, IsWhatAShellReadsBack) {
  EXPECT_EQ(quoted({"qemu", "-m", "512M", "a=b,c:d/e"}), "qemu -m 512M a=b,c:d/e");
  EXPECT_EQ(quoted({"echo", "", "a b", "it's", "$x"}), "echo '' 'a b' 'it'\\''s' '$x'");
  const std::vector<std::string> words = {"printf", "%s|", "*", "a\nb", "\\", "~", "#"};
  const auto finished = run_program(shell(quoted(words)), ample);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->output, "*|a\nb|\\|~|#|");
}

TEST(FindProgram, LooksInPath) {
  EXPECT_THAT(find_program("sh"), HasSubstr("/sh"));
  EXPECT_EQ(find_program("loopgate-no-such-program"), "");
  EXPECT_EQ(find_program("./here"), "./here");
}

}  // namespace
}  // namespace loopgate::process_test
