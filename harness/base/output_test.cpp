#include "base/output.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>

#include "base/testing/temp_folder.h"

namespace loopgate::output_test {
namespace {

using ::testing::HasSubstr;

using Stream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Stream opened(const std::string& path) { return {std::fopen(path.c_str(), "w"), std::fclose}; }

// A pipe whose other end is not read; nobody is there once it is closed.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(ends_, O_CLOEXEC), 0); }
  ~Pipe() {
    leave();
    ::close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void leave() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    ends_[0] = -1;
  }
  int in() const { return ends_[1]; }
  std::string read_all() {
    ::close(ends_[1]);
    ends_[1] = -1;
    std::string all;
    char some[4'096];
    for (ssize_t n = 0; (n = ::read(ends_[0], some, sizeof(some))) > 0;)
      all.append(some, static_cast<std::size_t>(n));
    return all;
  }

 private:
  int ends_[2] = {-1, -1};
};

class WithoutSigpipe : public ::testing::Test {
 public:
  WithoutSigpipe() : before_(::signal(SIGPIPE, SIG_IGN)) {}
  ~WithoutSigpipe() override { ::signal(SIGPIPE, before_); }

 private:
  void (*before_)(int);
};

using Told = WithoutSigpipe;
using AnAnswer = WithoutSigpipe;

TEST_F(Told, ArrivesAtOnce) {
  const TempFolder folder;
  const Stream stream = opened(folder.path("log"));
  tell(stream.get(), "a\n");
  tell_progress(stream.get(), "b\n");
  EXPECT_EQ(text_of_file(folder.path("log")), "a\nb\n");
}

TEST_F(Told, AStreamThatTakesNothingStopsNothing) {
  const Stream full = opened("/dev/full");
  tell(full.get(), "a\n");
  tell_progress(full.get(), "b\n");
  EXPECT_EQ(std::ferror(full.get()), 0);

  Pipe pipe;
  pipe.leave();
  const Stream left(::fdopen(::dup(pipe.in()), "w"), std::fclose);
  tell(left.get(), "a\n");
  tell_progress(left.get(), "b\n");

  const Stream closed = opened("/dev/null");
  const int number = ::fileno(closed.get());
  ::close(number);
  tell(closed.get(), "a\n");
  tell_progress(closed.get(), "b\n");
  EXPECT_EQ(::open("/dev/null", O_WRONLY | O_CLOEXEC), number) << "for fclose() to close";
}

// `loopgate run 2>&1 | less` whose reader does not scroll: the test ends only if nothing waits.
TEST_F(Told, ProgressWaitsForNoReader) {
  const Pipe pipe;
  const Stream stream(::fdopen(::dup(pipe.in()), "w"), std::fclose);
  const std::string line(1'000, 'x');
  for (int i = 0; i < 1'000; ++i) tell_progress(stream.get(), line);
}

TEST_F(AnAnswer, IsWrittenInOnePiece) {
  Pipe pipe;
  Answer answer(pipe.in());
  answer.print("{} of {}\n", 1, 2);
  answer.print("done\n");
  ASSERT_TRUE(answer.write());
  ASSERT_TRUE(answer.write()) << "there is nothing left to write";
  EXPECT_EQ(pipe.read_all(), "1 of 2\ndone\n");
}

TEST_F(AnAnswer, ThatCannotBeWrittenIsTheBenchsFault) {
  Pipe left;
  left.leave();
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  const int unwritable = ::open("/dev/full", O_RDONLY | O_CLOEXEC);  // what a closed one becomes
  const std::pair<int, const char*> cases[] = {{left.in(), "Broken pipe"},
                                               {full, "No space left"},
                                               {unwritable, "it is closed"},
                                               {-1, "it is closed"}};
  for (const auto& [descriptor, why] : cases) {
    Answer answer(descriptor);
    answer.print("PASS\n");
    const Status written = answer.write();
    ASSERT_FALSE(written) << why;
    EXPECT_EQ(written.error().kind, ErrorKind::infrastructure);
    EXPECT_THAT(written.error().what, HasSubstr(why));
  }
  ::close(full);
  ::close(unwritable);
}

TEST_F(AnAnswer, NothingToSayIsNothingLost) { EXPECT_TRUE(Answer(-1).write()); }

// Whoever shares the pipe has set it to that.
TEST_F(AnAnswer, WaitsForAReaderWhereThePipeDoesNot) {
  Pipe pipe;
  ::fcntl(pipe.in(), F_SETFL, O_WRONLY | O_NONBLOCK);
  const int more = ::dup(pipe.in());
  const pid_t writer = ::fork();
  if (writer == 0) {
    Answer answer(more);
    answer.print("{}", std::string(1'000'000, 'x'));
    ::_exit(answer.write() ? 0 : 1);
  }
  ::close(more);
  EXPECT_EQ(pipe.read_all().size(), 1'000'000U);
  int status = -1;
  ::waitpid(writer, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace loopgate::output_test
