"""An installed Loopgate: found from anywhere, by a normal user, without the source tree, and it leaves nothing where it was installed."""

import os
import re
import shutil
import subprocess

import pytest
from bench import long
from conftest import BUILD, PASS, ROOT, USAGE
from debian_13 import BUILD_OPTIONS, System

NOBODY = 65534
LIMIT_S = 300


def run(*argv, **more):
    return subprocess.run([str(word) for word in argv], capture_output=True, text=True, timeout=LIMIT_S, check=False, **more)


def listing(folder):
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed") / "usr"
    done = run("cmake", "--install", BUILD, "--prefix", folder)
    assert done.returncode == 0, done.stderr
    for above in [folder, *folder.parents][:5]:  # pytest's own are closed to others
        if above.owner() == folder.owner() and above.name:
            above.chmod(above.stat().st_mode | 0o055)
    return folder


@pytest.fixture(scope="module")
def installed(prefix, tmp_path_factory):
    """loopgate(WORD...) as a normal user in a folder of its own, where neither sources nor build can be read. Needs root: it mounts."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to hide the source tree and to become another user")
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o777)
    cache = os.environ.get("LOOPGATE_CACHE") or (os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) + "/loopgate"
    # The user's own cache: what others downloaded, below what this user makes of it.
    prepare = f"""
        set -e
        for hidden in {ROOT} {BUILD}; do mount -t tmpfs none "$hidden" 2>/dev/null || true; done
        mount -t tmpfs none /mnt
        mkdir /mnt/made /mnt/work /mnt/cache
        mount -t overlay overlay -o lowerdir={cache},upperdir=/mnt/made,workdir=/mnt/work /mnt/cache
        find /mnt/cache -type d -exec chown {NOBODY} {{}} +
        find /mnt/cache \\( -name '*.lock' -o -name '.*' \\) -type f -exec chown {NOBODY} {{}} +
        cd {home}
        export HOME={home} LOOPGATE_CACHE=/mnt/cache PATH={prefix}/bin:/usr/bin:/bin:/usr/sbin:/sbin
        unset LOOPGATE_BUILD LOOPGATE_ROOT
        exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups "$@"
    """
    tried = run("unshare", "--mount", "bash", "-c", prepare, "prepare", "true")
    if tried.returncode != 0:
        pytest.skip(f"no folder can be mounted over another here: {tried.stderr.strip()}")
    return lambda *words: run("unshare", "--mount", "bash", "-c", prepare, "prepare", *words), home


def test_a_normal_user_measures_judges_and_draws_and_leaves_nothing_there(prefix, installed):
    loopgate, home = installed
    before = listing(prefix)
    doctor = loopgate("loopgate", "doctor")
    assert doctor.returncode == PASS, doctor.stdout + doctor.stderr
    assert "ci/setup" not in doctor.stdout and "compiler" not in doctor.stdout
    # One call, since the cache of this user is gone with it.
    steps = "loopgate run primitives --program null-call --kernel generic --out run && loopgate gate run --policy suites/primitives/release.toml; loopgate report run"
    done = loopgate("bash", "-c", steps)
    assert re.search(r"null-call +pass: ", done.stdout), done.stdout + done.stderr
    assert "\nINCONCLUSIVE\n" in done.stdout, done.stderr  # judged by the installation's policy, which asks for more programs
    assert (home / "run" / "report" / "index.html").exists(), done.stderr
    assert (home / "run").stat().st_uid == NOBODY
    assert listing(prefix) == before


def test_files_of_ones_own_are_named_as_the_others(installed):
    loopgate, home = installed
    mine = home / "mine"
    (mine / "kernels").mkdir(parents=True)
    (mine / "suites" / "quick").mkdir(parents=True)
    shutil.copy(ROOT / "fixtures/kernels/generic.toml", mine / "kernels" / "calm.toml")
    suite = (ROOT / "suites/irq-to-gpio/suite.toml").read_text(encoding="utf-8").replace('kernels = ["generic", "preempt-rt", "rt-irq-threads"]', 'kernels = ["calm"]')
    (mine / "suites" / "quick" / "suite.toml").write_text(suite, encoding="utf-8")
    listed = loopgate("loopgate", "list", "--path", "mine")
    assert listed.returncode == PASS and "  quick  " in listed.stdout and "  calm  " in listed.stdout
    assert 'there is no suite "quick"' in loopgate("loopgate", "plan", "quick").stderr
    planned = loopgate("loopgate", "plan", "quick", "--path", "mine", "--load", "idle")
    assert planned.returncode == PASS, planned.stderr
    assert "calm.idle" in planned.stdout
    # ~/.config/loopgate needs no --path.
    (home / ".config").mkdir(exist_ok=True)
    (home / ".config" / "loopgate").symlink_to(mine)
    assert "calm.idle" in loopgate("loopgate", "plan", "irq-to-gpio", "--kernel", "calm", "--load", "idle").stdout
    shutil.copy(mine / "kernels" / "calm.toml", mine / "kernels" / "generic.toml")
    refused = loopgate("loopgate", "plan", "irq-to-gpio", "--kernel", "generic", "--load", "idle")
    assert refused.returncode == USAGE
    assert 'mine/kernels/generic.toml: Loopgate has a kernel "generic" of its own' in refused.stderr.replace(".config/loopgate", "mine")
    assert "-> rename yours, or name it by its path" in refused.stderr
    listed = loopgate("loopgate", "list", "--path", "mine")
    assert listed.returncode == USAGE
    assert re.search(r'^  generic +cannot be used by this name: .*/kernels/generic.toml: Loopgate has a kernel "generic" of its own$', listed.stdout, re.MULTILINE)


def completions(prefix, *words):
    """What bash would offer for the last of the words."""
    script = f"""source {prefix}/share/bash-completion/completions/loopgate
        COMP_WORDS=({prefix}/bin/loopgate "$@"); COMP_CWORD=$#; _loopgate; printf '%s\\n' "${{COMPREPLY[@]}}" """
    done = run("bash", "-c", script, "complete", *words)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout.split()


def zsh_completions(prefix, *words):
    """Likewise what zsh would: its compadd says what it is given, and _files that the shell's own files are meant."""
    script = f"""compadd() {{ print -l -- "${{(@P)2}}" }}
        _files() {{ : }}
        words=({prefix}/bin/loopgate "$@") CURRENT=$(($# + 1))
        complete_it() {{ source {prefix}/share/zsh/vendor-completions/_loopgate }}
        complete_it"""
    done = run("zsh", "-f", "-c", script, "complete", *words)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("shells", [completions, zsh_completions], ids=["bash", "zsh"])
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["r"], ["run", "report"]),
        (["run", "irq"], ["irq-to-gpio"]),
        (["run", "irq-to-gpio", "--kernel", "rt-irq-"], ["rt-irq-threads"]),
        (["run", "irq-to-gpio", "--load", "m"], ["memory", "mixed", "mixed-housekeeping"]),
        (["run", "inspection", "--ok-a"], ["--ok-above"]),
        (["capture", ""], ["latmon", "sigrok"]),
        (["gate", "run"], []),  # a folder, which the shell knows
        (["run", "irq-to-gpio", "--out", ""], []),
        (["nonesuch", "x"], []),
    ],
)
def test_words_are_completed(prefix, shells, words, offered):
    if shells is zsh_completions and shutil.which("zsh") is None:
        pytest.skip("zsh is not installed")
    assert shells(prefix, *words) == offered


def test_each_command_has_a_man_page_of_its_help(prefix):
    if shutil.which("help2man") is None:
        pytest.skip("help2man is not installed")
    pages = {page.stem: page.read_text(encoding="utf-8") for page in (prefix / "share/man/man1").iterdir()}
    assert {"loopgate", "loopgate-run", "loopgate-gate", "loopgate-capture-latmon"} <= pages.keys()
    assert r"\-\-verify\-determinism" in pages["loopgate-run"] and ".TH LOOPGATE-RUN" in pages["loopgate-run"].replace("\\", "")
    assert not [name for name, page in pages.items() if str(ROOT) in page or "/tmp/" in page]


def test_a_debian_package_holds_the_same(prefix, tmp_path):
    if shutil.which("dpkg-shlibdeps") is None:
        pytest.skip("dpkg-dev is not installed")
    made = run("cpack", "-G", "DEB", "--config", BUILD / "CPackConfig.cmake", "-B", tmp_path, cwd=tmp_path)
    assert made.returncode == 0, made.stdout + made.stderr
    package = next(tmp_path.glob("loopgate_*.deb"))
    assert run("dpkg-deb", "-x", package, tmp_path / "root").returncode == 0
    inside = {str(path.relative_to(tmp_path / "root/usr")) for path in (tmp_path / "root/usr").rglob("*") if path.is_file()}
    assert inside == {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
    depends = run("dpkg-deb", "-f", package, "Depends").stdout
    assert "qemu-system-arm (>= 1:10)" in depends and "libc6" in depends and "libfmt" in depends


@long
def test_a_package_made_on_debian_13_is_installed_there_by_apt(tmp_path):
    """In a system that has no compiler and nothing else of ours, by what the package says that it needs; then a normal user measures."""
    shared = tmp_path / "shared"
    shared.mkdir()
    (tmp_path / "builder").mkdir()
    with System.with_tree(tmp_path / "builder", ["dpkg-dev"]) as builder:
        made = builder.run(f"ci/build build {BUILD_OPTIONS}; cd {shared}; cpack -G DEB --config /src/build/CPackConfig.cmake -B {shared}", shared)
        assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]
    (tmp_path / "plain").mkdir()
    with System.of_packages(tmp_path / "plain") as plain:
        steps = f"""apt-get update -q; apt-get install -q -y --no-install-recommends {shared}/loopgate_*.deb; mkdir -m 777 /work; cd /work
            find /usr/share/loopgate /usr/lib/loopgate -type f -printf '%p %s %T@\\n' 2>/dev/null | sort > {shared}/before
            setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups env HOME=/work bash -ec '
              loopgate doctor; loopgate run primitives --program null-call --kernel generic --out run; loopgate report run'
            find /usr/share/loopgate /usr/lib/loopgate -type f -printf '%p %s %T@\\n' 2>/dev/null | sort > {shared}/after; apt-get remove -q -y loopgate"""
        done = plain.run(steps, shared)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert (plain.root / "work" / "run" / "report" / "index.html").exists()
        assert (shared / "before").read_text() == (shared / "after").read_text() != ""
        assert not (plain.root / "usr" / "bin" / "loopgate").exists()
