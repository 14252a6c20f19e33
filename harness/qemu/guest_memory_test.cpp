#include "qemu/guest_memory.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "base/testing/temp_folder.h"

namespace loopgate::guest_memory_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr std::size_t size = 64U << 20U;

void write_at(const fs::path& file, std::size_t at, const std::string& bytes) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(static_cast<std::streamoff>(at)) << bytes;
}

// As QEMU does: through the path, from another file description.
TEST(GuestMemory, IsSavedWithItsHoles) {
  const TempFolder folder;
  const auto memory = GuestMemory::make(size);
  ASSERT_TRUE(memory);
  std::string bytes(size, '\0');
  for (const std::size_t at : {std::size_t{0}, std::size_t{5'000'000}, size - 3}) {
    write_at(memory->path(), at, "abc");
    bytes.replace(at, 3, "abc");
  }
  const fs::path saved = folder.path() / "memory.bin";
  ASSERT_TRUE(memory->save(saved));
  EXPECT_TRUE(text_of_file(saved) == bytes);
  struct stat status{};
  ASSERT_EQ(::stat(saved.c_str(), &status), 0);
  EXPECT_LT(status.st_blocks * 512, 1 << 20);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(GuestMemory, ThatNobodyWroteIsOneHole) {
  const TempFolder folder;
  const auto memory = GuestMemory::make(size);
  ASSERT_TRUE(memory && memory->save(folder.path() / "memory.bin"));
  EXPECT_EQ(fs::file_size(folder.path() / "memory.bin"), size);
}

TEST(GuestMemory, ThatCannotBeSavedSaysWhereAndWhy) {
  const TempFolder folder;
  const auto memory = GuestMemory::make(size);
  ASSERT_TRUE(memory);
  const auto absent = memory->save(folder.path() / "absent" / "memory.bin");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(absent.error().what,
              HasSubstr("absent/memory.bin: the guest's memory cannot be saved: No such"));
  const auto there = memory->save(folder.write("there", "x"));
  ASSERT_FALSE(there) << "nothing is written over";
}

// As a full disk does: no file of more than 1 MiB can be written.
TEST(GuestMemory, ThatFindsNoRoomSaysSo) {
  const TempFolder folder;
  const auto memory = GuestMemory::make(size);
  ASSERT_TRUE(memory);
  write_at(memory->path(), 2U << 20U, "abc");
  const auto earlier = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit narrow{1U << 20U, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &narrow), 0);
  const auto saved = memory->save(folder.path() / "memory.bin");
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, earlier);
  ASSERT_FALSE(saved);
  EXPECT_THAT(saved.error().what,
              HasSubstr("memory.bin: the guest's memory cannot be saved: File too large"));
}

TEST(GuestMemory, ThatIsTooLargeIsRefused) {
  const auto memory = GuestMemory::make(std::uint64_t{1} << 63U);
  ASSERT_FALSE(memory);
  EXPECT_THAT(memory.error().what, HasSubstr("9223372036854775808 bytes cannot be made"));
}

}  // namespace
}  // namespace loopgate::guest_memory_test
