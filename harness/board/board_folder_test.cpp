#include "board/board_folder.h"

#include <elf.h>
#include <gmock/gmock.h>

#include <cstddef>
#include <cstring>

#include "base/file.h"
#include "kernel/testing/cpio.h"

namespace loopgate::board_folder_test {
namespace {

using ::testing::ElementsAre;

TEST(ProgramsOf, AJobAreThoseThatItStarts) {
  Job job;
  EXPECT_TRUE(programs_of(job).empty());
  job.payload.argv = {"/bin/responder", "-v"};
  job.parts.resize(2);
  job.parts[0].argv = {"stress-ng", "--cpu", "1"};
  job.parts[1].argv = {"stress-ng"};
  job.instrument.emplace();
  job.instrument->check_argv = {"/bin/loopback", "check"};
  job.instrument->argv = {"/bin/loopback"};
  EXPECT_THAT(programs_of(job), ElementsAre("bin/responder", "bin/loopback", "bin/stress-ng"));
  job = {};
  job.programs.resize(2);
  job.programs[0].argv = {"cyclictest", "-q"};
  job.programs[1].argv = {"primitives", "null-call"};
  EXPECT_THAT(programs_of(job), ElementsAre("bin/cyclictest", "bin/primitives"));
}

TEST(IsDynamic, AProgramThatNamesALoader) {
  const std::string self = read_file("/proc/self/exe").value();
  EXPECT_TRUE(is_dynamic(self));
  EXPECT_FALSE(is_dynamic(self.substr(0, 100))) << "cut off behind its header";
  std::string bare = self;
  std::memset(bare.data() + offsetof(Elf64_Ehdr, e_phnum), 0, sizeof(Elf64_Half));
  EXPECT_FALSE(is_dynamic(bare)) << "without segments";
  std::string astray = self;
  std::memset(astray.data() + offsetof(Elf64_Ehdr, e_phoff), 0xff, sizeof(Elf64_Off));
  EXPECT_FALSE(is_dynamic(astray));
  EXPECT_FALSE(is_dynamic("#!/bin/sh\n" + std::string(100, ' ')));
  EXPECT_FALSE(is_dynamic(""));
}

}  // namespace
}  // namespace loopgate::board_folder_test
