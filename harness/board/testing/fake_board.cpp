#include "board/testing/fake_board.h"

#include <fmt/format.h>

#include <fstream>

#include "base/digest.h"
#include "kernel/testing/cpio.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// Paths of the board's own are the folder's; those that are in it already stay. A command needs the
// connection that carries it from its beginning to its end, as OpenSSH's do; what it started on the board
// goes on. A connection is known by the folder in which it runs, since another process may have got its
// number; the shell sees that by itself, and a program started for it costs more than all the rest here.
constexpr const char* ssh = R"sh(
for last; do :; done
for word; do case $word in ControlPath=*) socket=${word#*=} ;; esac; done
carried() { read -r connection < "$socket" && [ "/proc/$connection/cwd" -ef "$B" ]; } 2> /dev/null
lost() { echo 'Connection closed by UNKNOWN port 65535' >&2; exit 255; }
script=$last
case $last in
  */proc/* | */run/* | */sys/*) script=$(sed "s#\([^a-zA-Z0-9._-]\)/\(proc\|run\|sys\)/#\1$B/\2/#g" <<END
$last
END
) ;;
esac
PATH=$B/bin:$PATH
case " $* " in
  *ControlMaster=yes*)
    # Noted first: a connection that begins while the board goes down is refused or ended.
    cd "$B"
    echo $$ > "$socket"
    echo $$ >> "$B/connections"
    read -r state < "$B/state"
    [ "$state" = up ] || { echo 'ssh: connect to host board port 22: No route to host' >&2; exit 255; }
    exec sh -c "$script" ;;
esac
carried || lost
setsid --wait sh -c "$script"
status=$?
carried || lost
exit $status
)sh";

// The connections end before the next boot can be seen, as a board's do.
constexpr const char* reboot = R"sh(
fate=good
arguments=
if [ -e "$B/boot/loopgate/armed" ]; then
  fate=$(cat "$B/fate")
  [ "$fate" != stays ] || exit 0
  rm "$B/boot/loopgate/armed"
  arguments=$(sed 's/^bootargs=//' "$B/boot/loopgate/once.env")
fi
echo restarting > "$B/state"
for connection in $(cat "$B/connections"); do
  # A number may be another process' by now: ours run in the folder.
  while [ "/proc/$connection/cwd" -ef "$B" ]; do kill -9 "$connection"; sleep 0.01; done
done
: > "$B/connections"
state=up
case $fate in
  hang) state=off ;;
  panic) printf 'Command line: %s\nKernel panic - not syncing: no luck\n' "$arguments" >> "$B/console"; arguments= ;;
  other) arguments= ;;
esac
cat /proc/sys/kernel/random/uuid > "$B/proc/sys/kernel/random/boot_id"
echo "$arguments" > "$B/proc/cmdline"
if [ -n "$arguments" ]; then
  grep -a '^Linux version' "$B/boot/loopgate/kernel" > "$B/proc/version"
  echo candidate >> "$B/history"
else
  echo 'Linux version 6.1.0-good (known) #1' > "$B/proc/version"
  echo boot >> "$B/history"
fi
cut -d' ' -f3 "$B/proc/version" > "$B/release"
rm -rf "$B/run/loopgate"
echo $state > "$B/state"
)sh";

constexpr const char* power = R"sh(
echo power >> "$B/history"
exec reboot
)sh";

}  // namespace

FakeBoard::FakeBoard() {
  for (const char* name : {"bin", "boot/loopgate", "proc/sys/kernel/random", "run"})
    fs::create_directories(at(name));
  program("ssh", ssh);
  program("reboot", reboot);
  program("systemctl", "exec reboot\n");
  program("power", power);
  program("uname", "cat \"$B/release\"\n");
  program("id", "echo 0\n");
  program("sync", "");
  program("mount", "");
  program("unshare", "shift; exec \"$@\"\n");
  program("env", "while case $1 in -i|*=*) true ;; *) false ;; esac; do shift; done; exec \"$@\"\n");
  program("chroot", "OUT=$1/run/loopgate; program=$1$2; shift 2; export OUT; exec \"$program\" \"$@\"\n");
  folder_.write("proc/mounts", "/dev/vda1 " + at("boot").string() + " vfat rw 0 0\n");
  folder_.write("boot/boot.scr", "test -e /loopgate/armed\nfatrm /loopgate/armed\n");
  folder_.write("programs.cpio",
                cpio_member("init", fmt::format("#!/bin/sh\n. {}\n", at("agent.sh").string())) +
                    cpio_member("bin/responder", "the responder") + cpio_end());
  folder_.write("initramfs", "an initramfs");
  folder_.write("state", "up\n");
  folder_.write("connections", "");
  set_fate("good");
  path_before_ = std::getenv("PATH");
  ::setenv("PATH", (at("bin").string() + ":" + path_before_).c_str(), 1);
  ::setenv("LOOPGATE_CACHE", at("cache").c_str(), 1);  // claims of it: all fake boards have one name
  EXPECT_EQ(std::system("reboot"), 0);                 // the folder's own: it is on the known-good kernel now
  folder_.write("history", "");
}

FakeBoard::~FakeBoard() {
  ::setenv("PATH", path_before_.c_str(), 1);
  ::unsetenv("LOOPGATE_CACHE");
}

void FakeBoard::program(const std::string& name, const std::string& script) const {
  fs::permissions(folder_.write("bin/" + name, "#!/bin/sh\nB=" + folder_.path().string() + "\n" + script),
                  fs::perms::owner_all);
}

Board FakeBoard::board() const {
  Board board;
  board.name = "fake";
  auto& reached = board.kind.emplace<SshBoard>();
  reached.folder = at("boot").string();
  reached.root = "/dev/vda2";
  reached.boot_timeout_s = boot_timeout_s_;
  return board;
}

LabBoard FakeBoard::lab() const {
  LabBoard lab;
  lab.name = "fake";
  lab.ssh = "board";
  if (switch_) lab.power_cycle = {"power"};
  if (console_) lab.console = console_->device();
  return lab;
}

void FakeBoard::print(const std::string& text) const {
  std::ofstream(at("console"), std::ios::app) << text << std::flush;
}

KernelFiles FakeBoard::candidate(const std::string& content) const {
  KernelFiles kernel;
  const std::string bytes = "image\nLinux version 6.12.0-" + content + " (builder) #1 SMP\nrest";
  kernel.image = folder_.write(content + ".image", bytes);
  kernel.image_sha256 = sha256_of(bytes);
  kernel.initramfs = at("initramfs");
  kernel.release = "6.12.0-" + content;
  return kernel;
}

CellRequest FakeBoard::request(const std::string& cell) const {
  CellRequest request;
  request.cell = cell;
  request.boot = "rt.1";
  request.folder = at("cells/" + cell);
  fs::create_directories(request.folder);
  request.kernel = candidate("rt");
  request.target.programs = at("programs.cpio");
  request.job.payload.argv = {"/bin/responder"};
  request.ready_limit_ns = 1'000'000'000;
  return request;
}

}  // namespace loopgate
