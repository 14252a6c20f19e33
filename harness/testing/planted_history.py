"""Debian's Linux sources as a git history with culprits that are known: 64 commits to files that every kernel of the bench is compiled of, one of which is
slow behind an option, and three of which do not build. The history is the same each time, and stays in the cache: what is compiled of it is compiled once."""

import fcntl
import os
import shutil
import subprocess
import sys

from conftest import ROOT

sys.path[:0] = [str(ROOT / "fixtures" / "debian"), str(ROOT / "fixtures" / "kernels")]
from common import cache_directory

GIT_LIMIT_S = 1800  # all of the sources are added once
COMMITS = 64
SLOW, BROKEN = 41, (31, 32, 48)
FILES = ("kernel/fork.c", "kernel/irq/manage.c", "mm/page_alloc.c", "fs/namei.c", "drivers/gpio/gpiolib.c", "lib/vsprintf.c", "net/socket.c", "arch/arm64/kernel/process.c",
         "kernel/signal.c", "kernel/time/timer.c", "mm/memory.c", "fs/exec.c", "drivers/gpio/gpio-pl061.c", "drivers/base/core.c", "net/ipv4/tcp_input.c", "include/linux/gpio/driver.h",
         "kernel/sys.c", "kernel/sched/rt.c", "mm/slub.c", "fs/proc/base.c", "drivers/tty/serial/amba-pl011.c", "drivers/pci/probe.c", "net/unix/af_unix.c")  # fmt: skip
IRQ, KCONFIG = "kernel/irq/handle.c", "init/Kconfig"
OPTIONS = "".join(f'\nconfig PLANTED_{name}\n\tbool "Planted: {name}"\n' for name in ("COUNT", "ONE", "TWO"))
# Each interrupt's path, with the CPU's interrupts off. A turn of a loop is two instructions, so 2 ns of virtual time.
PLACE = "\tfor_each_action_of_desc(desc, action) {\n"
WORK = """
unsigned long planted_count;

static noinline __maybe_unused void planted_work(unsigned long turns)
{
	while (turns--)
		barrier();
}
"""
COUNTED = "#ifdef CONFIG_PLANTED_COUNT\n\tplanted_count++;\n#endif\n"
COUNTED_SLOWLY = COUNTED.replace("\tplanted_count++;\n", "\tplanted_count++;\n\tplanted_work(1000);\n")
BY_BOTH = "#if defined(CONFIG_PLANTED_ONE) && defined(CONFIG_PLANTED_TWO)\n\tplanted_work(2500);\n#endif\n"


def changed(path, text, number):
    """A small change, as most of a history are: it is compiled, and nothing calls it."""
    if path.endswith(".h"):
        return f"{text}\n#define PLANTED_{number} {number}\n"
    return f"{text}\nint planted_{number}(int a);\nint planted_{number}(int a)\n{{\n\treturn a + {number};\n}}\n"


def broken(text):
    return f"{text}\nint planted_half(void)\n{{\n\treturn planted_missing();\n}}\n"


class History:
    """The commits by their hashes: `commits[0]` is the good end, before the 64."""

    def __init__(self, sources):
        self.tree = cache_directory() / "kernels" / "history" / sources.name
        self._marks = self.tree.parent / f"{sources.name}.marks"
        self.tree.parent.mkdir(parents=True, exist_ok=True)
        with open(self.tree.parent / f".{sources.name}.lock", "a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            stream = self._stream(sources)
            kept = self.tree.parent / f"{sources.name}.stream"
            if not (kept.exists() and kept.read_bytes() == stream and self._marks.exists()):
                kept.unlink(missing_ok=True)
                self._make(sources, stream)
                kept.write_bytes(stream)
        marks = dict(line.split() for line in self._marks.read_text(encoding="utf-8").splitlines())
        self.commits = [marks[f":{number + 1}"] for number in range(COMMITS + 1)]

    def git(self, *arguments, data=None):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        about = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "n"), ("EMAIL", "n@example.org"), ("DATE", "1767225600 +0000"))}
        argv = ["git", "-c", "commit.gpgsign=false", "-c", "gc.auto=0", "-c", "core.autocrlf=false", "-C", str(self.tree), *arguments]
        return subprocess.run(argv, input=data, env={**kept, **about}, capture_output=True, timeout=GIT_LIMIT_S, check=True).stdout.decode().strip()

    def _make(self, sources, stream):
        shutil.rmtree(self.tree, ignore_errors=True)
        shutil.copytree(sources, self.tree, symlinks=True)
        self.git("init", "-q", "-b", "planted")
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "-m", "Debian's sources")
        self.git("fast-import", "--quiet", f"--export-marks={self._marks}", data=stream)
        self.git("reset", "-q", "--hard")

    def _stream(self, sources):
        """What git fast-import takes: whole files, on top of what is there."""
        files = {path: (sources / path).read_text(encoding="utf-8") for path in (*FILES, IRQ, KCONFIG)}
        assert files[IRQ].count(PLACE) == 1, f"{sources / IRQ} has no place for what is planted: look for another one"
        before, after = files[IRQ].split(PLACE)
        begin = before.rindex("\nirqreturn_t ")  # of the function whose loop that is

        def irq(count):
            return before[:begin] + WORK + before[begin:] + count + BY_BOTH + PLACE + after

        files[KCONFIG] += OPTIONS
        commits = [_commit(0, "options and what they count", {IRQ: irq(COUNTED), KCONFIG: files[KCONFIG]})]
        for number in range(1, COMMITS + 1):
            path = IRQ if number == SLOW else FILES[number % len(FILES)]
            if number != SLOW:  # which changes nothing else, so that it can be taken back
                files[path] = changed(path, files[path], number)
            now = {path: files[path]}
            if number in BROKEN or number - 1 in BROKEN:
                now[FILES[0]] = broken(files[FILES[0]]) if number in BROKEN else files[FILES[0]]
            if number == SLOW:
                now[IRQ] = irq(COUNTED_SLOWLY)
            commits.append(_commit(number, f"change {number} of {path}", now))
        return b"".join(commits)


def _commit(number, message, files):
    text = f"commit refs/heads/planted\nmark :{number + 1}\ncommitter n <n@example.org> {1767225601 + number} +0000\n".encode() + _data(message)
    if number == 0:
        text += b"from refs/heads/planted^0\n"
    return text + b"".join(f"M 100644 inline {path}\n".encode() + _data(content) for path, content in files.items())


def _data(text):
    content = text.encode()
    return f"data {len(content)}\n".encode() + content + b"\n"


def sources_in_cache():
    """Those of 6.12 that a build has unpacked; nothing where none has."""
    folders = (cache_directory() / "kernels" / "sources").glob("linux-source-6.12_*")
    return max((folder for folder in folders if folder.is_dir() and ".part" not in folder.name), default=None)
