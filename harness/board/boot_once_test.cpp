#include "board/boot_once.h"

#include <gmock/gmock.h>

#include "base/process.h"
#include "base/testing/temp_folder.h"

namespace loopgate::boot_once_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* arguments =
    "root=/dev/mmcblk0p2 rw loopgate.candidate=0123456789ab dyndbg=\"file a.c +p\"";

// What the board's sh makes of the scripts, in a folder that stands for its boot partition; `bin` has its
// programs, before this machine's.
class OnABoard : public ::testing::Test {
 protected:
  std::unique_ptr<BootOnce> method(BootMethod method) const {
    SshBoard boot;
    boot.method = method;
    boot.folder = at("boot").string() + "/";
    return BootOnce::make(boot);
  }
  void SetUp() override {
    fs::create_directories(at("boot/loopgate"));
    folder_.write("boot/loopgate/kernel", "kernel");
    folder_.write("boot/loopgate/initrd", "initrd");
  }
  fs::path at(const std::string& name) const { return folder_.path() / name; }
  std::string text(const std::string& name) const { return text_of_file(at(name)); }
  void program(const std::string& name, const std::string& script) const {
    fs::permissions(folder_.write("bin/" + name, "#!/bin/sh\n" + script), fs::perms::owner_all);
  }
  ProcessResult run(const std::string& script) const {
    const std::string path = "PATH=" + at("bin").string() + ":/usr/bin:/bin";
    auto finished = run_program({"env", path, "sh", "-c", script}, std::chrono::seconds(20));
    EXPECT_TRUE(finished) << finished.error().what;
    return finished ? *finished : ProcessResult{};
  }
  void succeeds(const std::string& script) const {
    const ProcessResult finished = run(script);
    EXPECT_EQ(finished.exit_status, 0) << finished.errors;
    EXPECT_EQ(finished.errors, "");
  }
  std::string refusal(const std::string& script) const {
    const ProcessResult finished = run(script);
    EXPECT_EQ(finished.exit_status, 1);
    return finished.errors;
  }

  TempFolder folder_;
};

TEST_F(OnABoard, ExtlinuxIsArmedByAMarkThatComesLast) {
  const auto extlinux = method(BootMethod::extlinux);
  EXPECT_EQ(extlinux->kernel(), at("boot/loopgate/kernel").string()) << "no matter how the folder ends";
  succeeds(extlinux->arm(arguments));
  EXPECT_EQ(text("boot/loopgate/once.env"), "bootargs=" + std::string(arguments) + "\n");
  EXPECT_TRUE(fs::exists(at("boot/loopgate/armed")));
  EXPECT_EQ(fs::file_size(at("boot/loopgate/armed")), 0U);
  const std::string script = extlinux->arm(arguments);
  EXPECT_LT(script.find("once.env"), script.find("sync"));
  EXPECT_LT(script.find("sync"), script.find("/armed")) << "the mark is not there before the rest is";
  succeeds(extlinux->remove());
  EXPECT_FALSE(fs::exists(at("boot/loopgate")));
  succeeds(extlinux->remove());
}

TEST_F(OnABoard, ExtlinuxNeedsAFatPartitionAndItsScript) {
  const auto extlinux = method(BootMethod::extlinux);
  EXPECT_THAT(refusal(extlinux->check()), HasSubstr("boot: not the mount point of a FAT partition"));
  program("grep", "case $* in *vfat*) exit 0;; esac\nexec /usr/bin/env -i PATH=/usr/bin:/bin grep \"$@\"\n");
  EXPECT_THAT(refusal(extlinux->check()), HasSubstr("boot.scr does not boot an armed candidate"));
  for (const char* unfit : {"test -e ${from} /loopgate/armed\n",
                            "# test -e ${from} /loopgate/armed\n# fatrm ${from} /loopgate/armed\n",
                            "test -e ${from} /loopgate/armed\nls # fatrm ${from} /loopgate/armed\n"}) {
    folder_.write("boot/boot.scr", unfit);
    EXPECT_THAT(refusal(extlinux->check()), HasSubstr("boot.scr does not boot an armed candidate")) << unfit;
  }
  const fs::path own = fs::path(LOOPGATE_SOURCE_DIR) / "fixtures/disk/boot.cmd";
  folder_.write("boot/boot.scr", std::string("'\x05\x19V\0\xff\xfe", 7) + text_of_file(own));
  succeeds(extlinux->check());
}

TEST(BootRefusal, IsWhatIsWrongAndWhatToDo) {
  const BootRefusal whole = split_refusal("a -> b is missing -> install b");
  EXPECT_EQ(whole.what, "a -> b is missing");
  EXPECT_EQ(whole.next_step, "install b");
  EXPECT_EQ(split_refusal("sh: not found").what, "sh: not found");
  EXPECT_EQ(split_refusal("sh: not found").next_step, "");
}

// A board whose kernel hands tryboot to the firmware, which started the first partition.
class WithTryboot : public OnABoard {
 protected:
  void SetUp() override {
    OnABoard::SetUp();
    symbols("ffffffc008c5d2a0 t rpi_firmware_notify_reboot");
    firmware(R"(\0\0\0\001)", R"(\0\0\0\0)");
  }
  void symbols(const std::string& line) const {
    program("grep", "case $* in */proc/kallsyms) echo '" + line +
                        "' | /usr/bin/env -i PATH=/usr/bin:/bin grep -q rpi_firmware_notify_reboot ;;\n"
                        "*) exec /usr/bin/env -i PATH=/usr/bin:/bin grep \"$@\" ;; esac\n");
  }
  // What /proc/device-tree/chosen/bootloader has: big-endian numbers of 32 bits.
  void firmware(const std::string& partition, const std::string& tried) const {
    program("cat", "case $* in */bootloader/partition) printf '" + partition +
                       "' ;;\n*/bootloader/tryboot) printf '" + tried +
                       "' ;;\n*) exec /usr/bin/env -i PATH=/usr/bin:/bin cat \"$@\" ;; esac\n");
  }
};

TEST_F(WithTryboot, IsRefusedUnderAKernelThatIgnoresIt) {
  const auto tryboot = method(BootMethod::tryboot);
  folder_.write("boot/config.txt", "");
  succeeds(tryboot->check());
  symbols("ffffffc008c5d2a0 t rpi_firmware_shutdown");  // mainline's
  EXPECT_THAT(refusal(tryboot->check()),
              HasSubstr("has no rpi_firmware_notify_reboot, so the running kernel"));
  program("grep", "exit 2\n");  // as where /proc/kallsyms is missing
  EXPECT_THAT(refusal(tryboot->check()), HasSubstr("has no rpi_firmware_notify_reboot"));
}

TEST_F(WithTryboot, IsRefusedWhereItWouldStartAnotherSlot) {
  const auto tryboot = method(BootMethod::tryboot);
  folder_.write("boot/config.txt", "");
  folder_.write("boot/autoboot.txt", "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n");
  EXPECT_THAT(refusal(tryboot->check()), HasSubstr("autoboot.txt: sets tryboot_a_b"));
  folder_.write("boot/autoboot.txt", "# tryboot_a_b=1\n");
  succeeds(tryboot->check());
  firmware(R"(\0\0\0\002)", R"(\0\0\0\0)");  // autoboot.txt is where nothing is mounted
  EXPECT_THAT(refusal(tryboot->check()), HasSubstr("started another partition than the first"));
  firmware(R"(\0\0\0\0)", R"(\0\0\0\001)");
  EXPECT_THAT(refusal(tryboot->check()), HasSubstr("was itself started by tryboot"));
  firmware("", "");  // a firmware that does not tell
  succeeds(tryboot->check());
}

TEST_F(WithTryboot, OfASilentFirmwareTheFirstPartitionIsNeeded) {
  const auto tryboot = method(BootMethod::tryboot);
  folder_.write("boot/config.txt", "");
  firmware("", "");
  for (const auto& [device, is_first] : {std::pair{"/dev/mmcblk0p1", true},
                                         {"/dev/sda1", true},
                                         {"/dev/mmcblk0p2", false},
                                         {"/dev/mmcblk0p11", false}}) {
    program("grep", "case $* in */proc/mounts) echo '" + std::string(device) + " " + at("boot").string() +
                        " vfat rw 0 0' ;;\n*/proc/kallsyms) ;;\n"
                        "*) exec /usr/bin/env -i PATH=/usr/bin:/bin grep \"$@\" ;; esac\n");
    if (is_first)
      succeeds(tryboot->check());
    else
      EXPECT_THAT(refusal(tryboot->check()), HasSubstr("is not the disk's first partition")) << device;
  }
}

TEST_F(WithTryboot, TrybootIsTheBoardsConfigWithOursBehindIt) {
  const auto tryboot = method(BootMethod::tryboot);
  folder_.write("boot/config.txt", "dtparam=audio=on\n[pi4]\narm_boost=1");
  succeeds(tryboot->check());
  succeeds(tryboot->arm(arguments));
  EXPECT_EQ(text("boot/tryboot.txt"),
            "dtparam=audio=on\n[pi4]\narm_boost=1\n"
            "# loopgate: a kernel for one boot\n"
            "[all]\n"
            "arm_64bit=1\n"
            "kernel=loopgate/kernel\n"
            "auto_initramfs=0\n"
            "initramfs loopgate/initrd followkernel\n"
            "cmdline=loopgate/cmdline.txt\n");
  EXPECT_EQ(text("boot/loopgate/cmdline.txt"), std::string(arguments) + "\n");
  EXPECT_EQ(text("boot/config.txt"), "dtparam=audio=on\n[pi4]\narm_boost=1") << "the default is not touched";
  succeeds(tryboot->check());
  succeeds(tryboot->remove());
  EXPECT_FALSE(fs::exists(at("boot/tryboot.txt")));
  EXPECT_FALSE(fs::exists(at("boot/loopgate")));
  EXPECT_TRUE(fs::exists(at("boot/config.txt")));
  succeeds(tryboot->remove());
}

TEST_F(WithTryboot, TrybootLeavesAnothersAlone) {
  const auto tryboot = method(BootMethod::tryboot);
  EXPECT_THAT(refusal(tryboot->check()), HasSubstr("config.txt: no such file"));
  folder_.write("boot/config.txt", "");
  folder_.write("boot/tryboot.txt", "kernel=theirs\n");
  EXPECT_THAT(refusal(tryboot->check()), HasSubstr("tryboot.txt: exists and was not written by loopgate"));
  succeeds(tryboot->remove());
  EXPECT_EQ(text("boot/tryboot.txt"), "kernel=theirs\n");
  fs::remove(at("boot/tryboot.txt"));
  folder_.write("boot/config.txt", "  os_prefix=current/\n");
  EXPECT_THAT(refusal(tryboot->check()), HasSubstr("sets os_prefix or tryboot_a_b"));
}

TEST_F(OnABoard, TrybootRestartsWithItsWord) {
  const std::string script = method(BootMethod::tryboot)->restart();
  EXPECT_THAT(script, HasSubstr("--reboot-argument="));
  EXPECT_THAT(script, HasSubstr("0 tryboot"));
  EXPECT_THAT(method(BootMethod::extlinux)->restart(), Not(HasSubstr("tryboot")));
}

// As Debian's update-grub writes them (/etc/grub.d/00_header and 41_custom), shortened.
constexpr const char* reads_custom =
    "if [ -f  ${config_directory}/custom.cfg ]; then\n  source ${config_directory}/custom.cfg\n"
    "elif [ -z \"${config_directory}\" -a -f  $prefix/custom.cfg ]; then\n  source $prefix/custom.cfg\nfi\n";
constexpr const char* boots_once =
    "if [ -s $prefix/grubenv ]; then\n  set have_grubenv=true\n  load_env\nfi\n"
    "if [ \"${next_entry}\" ] ; then\n   set default=\"${next_entry}\"\n   set next_entry=\n"
    "   save_env next_entry\n   set boot_once=true\nelse\n   set default=\"0\"\nfi\n";
const std::string debians = std::string(boots_once) + reads_custom;

class WithGrub : public OnABoard {
 protected:
  void SetUp() override {
    OnABoard::SetUp();
    folder_.write("boot/grub/grub.cfg", debians);
    folder_.write("boot/grub/grubenv", "# GRUB Environment Block\n");
    program("grub-reboot", "echo \"next_entry=$1\" > " + at("env").string() + "\n");
    program("grub-editenv", "case $2 in list) cat " + at("env").string() + " ;; unset) : > " +
                                at("env").string() + " ;; esac\n");
    program("grub-probe", "case $1 in *fs_uuid) echo 12ab-34 ;; *abstraction) ;; *) echo ext2 ;; esac\n");
    program("grub-mkrelpath", "echo /loopgate\n");
    grub_ = method(BootMethod::grub);
  }
  std::unique_ptr<BootOnce> grub_;
};

TEST_F(WithGrub, AnEntryIsChosenOnce) {
  folder_.write("boot/grub/custom.cfg", "menuentry 'theirs' { true }\n");
  succeeds(grub_->check());
  succeeds(grub_->arm("root=/dev/sda2 rw dyndbg=it's$x;"));
  EXPECT_EQ(text("boot/grub/custom.cfg"),
            "menuentry 'theirs' { true }\n"
            "### BEGIN loopgate\n"
            "menuentry 'Loopgate: a kernel for one boot' --id loopgate {\n"
            "  search --no-floppy --fs-uuid --set=root '12ab-34'\n"
            "  linux /loopgate/kernel 'root=/dev/sda2' 'rw' 'dyndbg=it'\\''s$x;'\n"
            "  initrd /loopgate/initrd\n"
            "}\n"
            "### END loopgate\n");
  EXPECT_EQ(text("env"), "next_entry=loopgate\n");
  succeeds(grub_->arm("root=/dev/sda3"));
  const std::string again = text("boot/grub/custom.cfg");
  EXPECT_EQ(again.find("### BEGIN"), again.rfind("### BEGIN")) << "one entry of ours at a time";
  succeeds(grub_->remove());
  EXPECT_EQ(text("boot/grub/custom.cfg"), "menuentry 'theirs' { true }\n");
  EXPECT_EQ(text("env"), "");
  EXPECT_FALSE(fs::exists(at("boot/loopgate")));
}

TEST_F(WithGrub, NothingIsLeftOfACustomFileThatWasOurs) {
  succeeds(grub_->arm(arguments));
  succeeds(grub_->remove());
  EXPECT_FALSE(fs::exists(at("boot/grub/custom.cfg")));
  EXPECT_FALSE(fs::exists(at("boot/grub/custom.cfg.part")));
}

TEST_F(WithGrub, AnothersChoiceForTheNextBootStays) {
  folder_.write("env", "next_entry=theirs\n");
  succeeds(grub_->remove());
  EXPECT_EQ(text("env"), "next_entry=theirs\n");
}

// There the choice for one boot would be one for ever.
TEST_F(WithGrub, IsRefusedWhereGrubCannotWrite) {
  program("grub-probe", "case $1 in *abstraction) echo lvm ;; *) echo ext2 ;; esac\n");
  EXPECT_THAT(refusal(grub_->check()), HasSubstr("cannot write its grubenv"));
  program("grub-probe", "case $1 in *abstraction) ;; *) echo btrfs ;; esac\n");
  EXPECT_THAT(refusal(grub_->check()), HasSubstr("cannot write its grubenv"));
}

TEST_F(WithGrub, IsRefusedWithoutWhatItNeeds) {
  folder_.write("boot/grub/grub.cfg", boots_once);
  EXPECT_THAT(refusal(grub_->check()), HasSubstr("has no command that reads custom.cfg"));
  fs::remove(at("boot/grub/grubenv"));
  folder_.write("boot/grub/grub.cfg", debians);
  EXPECT_THAT(refusal(grub_->check()), HasSubstr("grubenv is missing"));
  fs::remove(at("bin/grub-reboot"));
  EXPECT_THAT(refusal(grub_->check()), HasSubstr("grub-reboot is not on the board"));
}

// Armed there, a candidate would never start, and its choice would stay.
TEST_F(WithGrub, IsRefusedWhereGrubsConfigurationWasMadeByHand) {
  const std::string entry = "menuentry 'Linux' { linux /vmlinuz }\n";
  folder_.write("boot/grub/grub.cfg", "# next_entry and custom.cfg are not used here\n" + entry);
  EXPECT_THAT(refusal(grub_->check()), HasSubstr("has no command that reads custom.cfg"));
  folder_.write("boot/grub/grub.cfg",
                "# load_env default=next_entry save_env next_entry\n" + entry + reads_custom);
  EXPECT_THAT(refusal(grub_->check()), HasSubstr("for an entry for one boot"));
  folder_.write("boot/grub/grub.cfg",
                "load_env saved_entry\nset default=0 # next_entry is not used\nsave_env saved_entry # not "
                "next_entry\n" +
                    entry + reads_custom);
  EXPECT_THAT(refusal(grub_->check()), HasSubstr("for an entry for one boot")) << "behind a command, too";
  folder_.write("boot/grub/grub.cfg",
                std::string(boots_once) + "source $prefix/theme.cfg # custom.cfg is not read\n");
  EXPECT_THAT(refusal(grub_->check()), HasSubstr("has no command that reads custom.cfg"));
  std::string never_cleared = debians;
  never_cleared.replace(never_cleared.find("   save_env"), 3, "  #");
  folder_.write("boot/grub/grub.cfg", never_cleared);
  EXPECT_THAT(refusal(grub_->check()), HasSubstr("for an entry for one boot"));
}

TEST_F(WithGrub, IsRefusedByNameWhereGrubsToolsAreThoseOfFedora) {
  program("grub2-reboot", "exit 0\n");
  EXPECT_THAT(refusal(grub_->check()), HasSubstr("grub2-reboot is on the board (Fedora, RHEL, SUSE)"));
}

TEST_F(OnABoard, KexecLoadsAndStarts) {
  program("kexec", "for word; do echo \"[$word]\"; done > " + at("said").string() + "\n");
  const auto kexec = method(BootMethod::kexec);
  succeeds(kexec->arm(arguments));
  EXPECT_EQ(text("said"), "[-l]\n[" + at("boot/loopgate/kernel").string() +
                              "]\n[--initrd=" + at("boot/loopgate/initrd").string() +
                              "]\n[--command-line=" + arguments + "]\n");
  EXPECT_THAT(kexec->restart(), HasSubstr("kexec -e"));
  succeeds(kexec->remove());
  EXPECT_FALSE(fs::exists(at("boot/loopgate")));
}

TEST_F(OnABoard, KexecSaysWhatIsMissing) {
  EXPECT_THAT(refusal(method(BootMethod::kexec)->check()),
              HasSubstr("kexec is not on the board -> install kexec-tools"));
}

// As Secure Boot does it.
TEST_F(OnABoard, KexecIsRefusedByAKernelThatIsLockedDown) {
  program("kexec", "exit 0\n");
  for (const auto& [mode, locked] : {std::pair{"[none] integrity confidentiality", false},
                                     {"none [integrity] confidentiality", true},
                                     {"none integrity [confidentiality]", true}}) {
    program("grep", "case $* in */lockdown) echo '" + std::string(mode) +
                        "' | exec /usr/bin/env -i PATH=/usr/bin:/bin grep -Eq \"$2\" ;; esac\n");
    const std::string said = run(method(BootMethod::kexec)->check()).errors;
    EXPECT_EQ(said.find("locked down") != std::string::npos, locked) << mode << said;
  }
}

TEST_F(OnABoard, EveryMethodsScriptsAreWhatShTakes) {
  for (const BootMethod one :
       {BootMethod::extlinux, BootMethod::tryboot, BootMethod::grub, BootMethod::kexec}) {
    const auto once = method(one);
    for (const std::string& script : {once->check(), once->arm(arguments), once->restart(), once->remove()}) {
      const auto read = run_program({"sh", "-n", "-c", script}, std::chrono::seconds(20));
      ASSERT_TRUE(read);
      EXPECT_EQ(read->exit_status, 0) << script << read->errors;
    }
  }
}

}  // namespace
}  // namespace loopgate::boot_once_test
