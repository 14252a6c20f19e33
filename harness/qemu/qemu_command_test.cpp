#include "qemu/qemu_command.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/process.h"
#include "config/catalog.h"

namespace loopgate::qemu_command_test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

Board own_board() { return Catalog(LOOPGATE_SOURCE_DIR).board("qemu-virt-arm64").value(); }

const QemuFiles files{"/c/vmlinuz", "/c/initrd.cpio", "/m/memory", "/s/channel",
                      16U << 20U,   "/r/console.log", "/s/qmp",    "/s/gpio.aml"};

// Golden: a single space more on the kernel's command line moves the whole histogram, so that a change here
// is one of every figure.
TEST(KernelCommandLine, IsGolden) {
  EXPECT_EQ(kernel_command_line(own_board(), ""),
            "console=ttyAMA0 nokaslr panic=-1 loopgate.chip=9030000.pl061 loopgate.control_in=4 "
            "loopgate.control_out=5");
  EXPECT_EQ(kernel_command_line(own_board(), "threadirqs"),
            "console=ttyAMA0 nokaslr panic=-1 loopgate.chip=9030000.pl061 loopgate.control_in=4 "
            "loopgate.control_out=5 "
            "threadirqs");
}

TEST(QemuCommand, IsGolden) {
  EXPECT_EQ(
      quoted(qemu_command(own_board(), files, "console=ttyAMA0 quiet",
                          {"-plugin", "/b/i.so,settings=/s/i.json"}, false)),
      "qemu-system-aarch64 -machine virt,gic-version=3,memory-backend=guest-memory -cpu cortex-a72 -smp 1 -m "
      "512M "
      "-accel tcg,thread=single,tb-size=64 -icount shift=0,sleep=off "
      "-rtc base=2026-01-01T00:00:00,clock=vm -seed 1 -nic none -nodefaults -no-user-config -display none "
      "-no-reboot -serial file:/r/console.log "
      "-object memory-backend-file,id=guest-memory,share=on,size=512M,mem-path=/m/memory "
      "-object memory-backend-file,id=channel,share=on,size=16M,mem-path=/s/channel "
      "-device ivshmem-plain,memdev=channel,master=on -qmp unix:/s/qmp,server=on,wait=off -S "
      "-plugin /b/i.so,settings=/s/i.json "
      "-kernel /c/vmlinuz -initrd /c/initrd.cpio -append 'console=ttyAMA0 quiet'");
}

Board own_pc() { return Catalog(LOOPGATE_SOURCE_DIR).board("qemu-q35-amd64").value(); }

// As golden as the other's.
TEST(KernelCommandLine, OfAPcIsGolden) {
  EXPECT_EQ(kernel_command_line(own_pc(), "threadirqs"),
            "console=ttyS0 nokaslr panic=-1 loopgate.chip=INT33FC:00 loopgate.control_in=4 "
            "loopgate.control_out=5 loopgate.counter_hz=1000000000 tsc=reliable threadirqs");
}

// The CPU that finds no room for translated code loses its turn, so that several have more of it.
TEST(QemuCommand, OfSeveralCpusHasRoomForTheirCode) {
  Board board = own_board();
  EXPECT_THAT(quoted(qemu_command(board, files, "x", {}, false)), HasSubstr(",tb-size=64 "));
  board.cpus = 2;
  EXPECT_THAT(quoted(qemu_command(board, files, "x", {}, false)), HasSubstr(",tb-size=512 "));
}

// The instrument brings a PC's GPIO controller. A CPU with other features than the named one's is refused.
TEST(QemuCommand, OfAPcHasATableForItsControllerAndExactlyTheNamedCpu) {
  for (const bool restore : {false, true}) {
    const std::string line = quoted(qemu_command(own_pc(), files, "x", {}, restore));
    EXPECT_THAT(line, HasSubstr(" -machine q35,hpet=off,memory-backend=guest-memory "));
    EXPECT_THAT(line, HasSubstr(",enforce -smp 1 "));
    EXPECT_THAT(line, HasSubstr(" -acpitable file=/s/gpio.aml"));
  }
}

// What the guest writes after a restore does not reach the file, which all cells of a kernel restore.
TEST(QemuCommand, OfTheRestoreTakesTheStateInsteadOfTheKernelAndDiffersInNothingElse) {
  auto boot = qemu_command(own_board(), files, "x", {}, false);
  auto restore = qemu_command(own_board(), files, "x", {}, true);
  const std::vector<std::string> incoming(restore.end() - 2, restore.end());
  EXPECT_EQ(incoming, (std::vector<std::string>{"-incoming", "defer"}));
  restore.resize(restore.size() - 2);
  ASSERT_EQ(boot.size(), restore.size() + 6);
  const auto memory = std::find(restore.begin(), restore.end(),
                                "memory-backend-file,id=guest-memory,share=off,readonly=on,rom=off,size=512M,"
                                "mem-path=/m/memory");
  ASSERT_NE(memory, restore.end());
  *memory = "memory-backend-file,id=guest-memory,share=on,size=512M,mem-path=/m/memory";
  EXPECT_EQ(boot[restore.size()], "-kernel");
  boot.resize(restore.size());
  EXPECT_EQ(restore, boot);
}

TEST(QemuCommand, FollowsTheBoard) {
  Board board = own_board();
  std::get<QemuBoard>(board.kind).icount_shift = 3;
  board.memory_mib = 1024;
  const auto argv = qemu_command(board, files, "x", {}, false);
  EXPECT_THAT(argv, Contains("shift=3,sleep=off"));
  EXPECT_THAT(argv, Contains("1024M"));
  EXPECT_THAT(argv, Contains(HasSubstr("id=guest-memory,share=on,size=1024M,")));
}

// QEMU takes a comma within a value when it is doubled (docs/system/qemu-options: "a,,b"); file: takes the
// rest as it is.
TEST(QemuCommand, DoublesCommasInPaths) {
  QemuFiles odd = files;
  odd.channel = "/s/a,b";
  odd.memory = "/m/x,y";
  odd.monitor = "/s/q,mp";
  odd.console = "/r/c,d.log";
  const std::string line = quoted(qemu_command(own_board(), odd, "x", {}, false));
  EXPECT_THAT(line, HasSubstr("mem-path=/s/a,,b "));
  EXPECT_THAT(line, HasSubstr("mem-path=/m/x,,y "));
  EXPECT_THAT(line, HasSubstr("unix:/s/q,,mp,server=on"));
  EXPECT_THAT(line, HasSubstr("file:/r/c,d.log "));
}

}  // namespace
}  // namespace loopgate::qemu_command_test
