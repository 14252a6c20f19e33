// GRUB: an entry in custom.cfg, which Debian's grub.cfg reads (/etc/grub.d/41_custom), chosen for one boot by
// grub-reboot. GRUB itself clears the choice by writing grubenv, which it cannot do on every file system.
#include <fmt/format.h>

#include "base/process.h"
#include "board/boot_once.h"

namespace loopgate {
namespace {

constexpr const char* begin_mark = "### BEGIN loopgate";
constexpr const char* end_mark = "### END loopgate";

// Of grub.cfg's commands, each as `grep -E` takes it behind what is no comment: the choice is read, becomes
// the default, and is cleared in the file. Where one is missing (a grub.cfg made by hand) a candidate never
// starts, or starts for ever. `save_env` with no name saves nothing, thus the name is asked for.
constexpr const char* commands_for_one_boot = "load_env default=[^#]*next_entry save_env[^#]*next_entry";

// Within '…' of GRUB's own language.
std::string grub_word(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

class Grub : public BootOnce {
 public:
  explicit Grub(const std::string& folder) : BootOnce(folder) {}

  std::string check() const override {
    return fmt::format(
        "say() {{ echo \"$1\" >&2; exit 1; }}\n"
        "! command -v grub2-reboot > /dev/null || say {8}\n"
        "[ -d {0} ] || say {1}\n"
        "for tool in grub-reboot grub-editenv grub-probe grub-mkrelpath; do\n"
        "  command -v \"$tool\" > /dev/null || say \"$tool is not on the board -> install grub-common and "
        "grub2-common\"\n"
        "done\n"
        "grep -Eq {9} {2} || say {3}\n"
        "for needed in {10}; do grep -Eq \"^[^#]*$needed\" {2} || say {4}; done\n"
        "[ -s {5} ] || say {6}\n"
        "[ -z \"$(grub-probe --target=abstraction {0})\" ] || say {7}\n"
        "case $(grub-probe --target=fs {0}) in ext2|fat|xfs) ;; *) say {7} ;; esac\n",
        quoted({grub()}), quoted({grub() + ": no such folder -> set folder in the board's file"}),
        quoted({grub() + "/grub.cfg"}),
        quoted({grub() + "/grub.cfg has no command that reads custom.cfg -> run update-grub"}),
        quoted({grub() + "/grub.cfg has no commands (load_env, default, save_env) for an entry for one boot "
                         "-> run update-grub"}),
        quoted({grub() + "/grubenv"}), quoted({grub() + "/grubenv is missing -> run grub-editenv create"}),
        quoted({grub() + ": GRUB cannot write its grubenv there, so a choice for one boot would persist -> "
                         "have /boot on ext4, without LVM, or set method = \"kexec\" in the board's file"}),
        quoted(
            {"grub2-reboot is on the board (Fedora, RHEL, SUSE): this method knows grub-reboot and Debian's "
             "grub.cfg only, and does not write entries of the Boot Loader Specification -> set method "
             "= \"kexec\""}),
        quoted({"^[^#]*(source|configfile|[.])[[:space:]][^#]*custom[.]cfg"}), commands_for_one_boot);
  }

  // Where /boot is a separate partition, GRUB's paths differ from the board's.
  std::string arm(const std::string& arguments) const override {
    return fmt::format(
        "set -e\n"
        "disk=$(grub-probe --target=fs_uuid {0})\n"
        "place=$(grub-mkrelpath {0})\n"
        "{{\n"
        "  [ ! -e {1} ] || sed {2} {1}\n"
        "  printf '%s\\n' {3} {4}\n"
        "  printf \"  search --no-floppy --fs-uuid --set=root '%s'\\n\" \"$disk\"\n"
        "  printf '  linux %s/kernel %s\\n' \"$place\" {5}\n"
        "  printf '  initrd %s/initrd\\n' \"$place\"\n"
        "  printf '%s\\n' '}}' {6}\n"
        "}} > {1}.part\n"
        "mv -f {1}.part {1}\n"
        "sync\n"
        "grub-reboot loopgate\n"
        "sync\n",
        quoted({place()}), custom(), delete_ours(), quoted({begin_mark}),
        quoted({"menuentry 'Loopgate: a kernel for one boot' --id loopgate {"}),
        quoted({arguments_of(arguments)}), quoted({end_mark}));
  }

  std::string remove() const override {
    return fmt::format(
        "if grub-editenv - list | grep -q '^next_entry=loopgate$'; then grub-editenv - unset next_entry; fi\n"
        "if [ -e {0} ]; then\n"
        "  sed {1} {0} > {0}.part && if [ -s {0}.part ]; then mv -f {0}.part {0}; else rm -f {0} {0}.part; "
        "fi\n"
        "fi\n"
        "rm -rf {2} && sync\n",
        custom(), delete_ours(), quoted({place()}));
  }

 private:
  std::string grub() const { return folder() + "/grub"; }
  std::string custom() const { return quoted({grub() + "/custom.cfg"}); }
  static std::string delete_ours() { return quoted({fmt::format("/^{}/,/^{}/d", begin_mark, end_mark)}); }
  // Quotes each word: GRUB would interpret a $ or a ; in it.
  static std::string arguments_of(const std::string& arguments) {
    std::string words;
    std::string word;
    for (const char c : arguments + " ") {
      if (c != ' ') {
        word += c;
        continue;
      }
      if (!word.empty()) words += (words.empty() ? "" : " ") + grub_word(word);
      word.clear();
    }
    return words;
  }
};

}  // namespace

std::unique_ptr<BootOnce> make_grub(const std::string& folder) { return std::make_unique<Grub>(folder); }

}  // namespace loopgate
