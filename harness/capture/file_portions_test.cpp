#include "capture/file_portions.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <future>
#include <string>

#include "base/testing/temp_folder.h"

namespace loopgate::file_portions_test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

struct Read {
  std::string text;
  std::string refusal;
};

Read read(const std::filesystem::path& path, milliseconds timeout = milliseconds(60'000)) {
  Read done;
  const Status status = read_in_portions(
      path,
      [&](std::string_view portion) -> Status {
        EXPECT_FALSE(portion.empty());
        done.text += portion;
        return {};
      },
      timeout);
  if (!status) {
    EXPECT_EQ(status.error().kind, ErrorKind::usage);
    done.refusal = status.error().what;
  }
  return done;
}

std::filesystem::path pipe_in(const TempFolder& folder) {
  EXPECT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  return folder.path("pipe");
}

void write(int fd, const std::string& text) {
  EXPECT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST(FilePortions, AFileIsReadToItsEnd) {
  const TempFolder folder;
  std::string text(3'000'000, 'x');
  for (std::size_t i = 0; i < text.size(); i += 1'001) text[i] = '\n';
  EXPECT_EQ(read(folder.write("file", text)).text, text);
  const Read empty = read(folder.write("empty", ""));
  EXPECT_EQ(empty.text + empty.refusal, "");
  EXPECT_THAT(read(folder.path("missing")).refusal, HasSubstr("can't be read: No such file"));
  EXPECT_THAT(read(folder.path()).refusal, HasSubstr("can't be read: Is a directory"));
}

TEST(FilePortions, APipeWithoutAWriterIsNotWaitedForForEver) {
  const TempFolder folder;
  EXPECT_EQ(read(pipe_in(folder), milliseconds(50)).refusal,
            "is a pipe, and nobody has opened it to write in 0 s");
}

// Who has opened it may take his time: longer than a writer is waited for.
TEST(FilePortions, AWriterIsWaitedFor) {
  const TempFolder folder;
  const auto pipe = pipe_in(folder);
  auto reading = std::async(std::launch::async, [&] { return read(pipe, milliseconds(60'000)); });
  const int writer = ::open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_GE(writer, 0);
  write(writer, "one ");
  write(writer, "two");
  ::close(writer);
  EXPECT_EQ(reading.get().text, "one two");
  const int both = ::open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  auto slow = std::async(std::launch::async, [&] { return read(pipe, milliseconds(1)); });
  EXPECT_EQ(slow.wait_for(milliseconds(100)), std::future_status::timeout);
  write(both, "late");
  ::close(both);
  EXPECT_EQ(slow.get().text, "late");
}

// As <(zcat x.gz) is one: it has no name but that of its descriptor, and may have ended before it is read.
TEST(FilePortions, APipeOfTheShellIsRead) {
  for (const std::string text : {"all of it", ""}) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    write(ends[1], text);
    ::close(ends[1]);
    const Read done = read("/dev/fd/" + std::to_string(ends[0]));
    ::close(ends[0]);
    EXPECT_EQ(done.text, text);
    EXPECT_EQ(done.refusal, "") << "it had a writer";
  }
}

}  // namespace
}  // namespace loopgate::file_portions_test
