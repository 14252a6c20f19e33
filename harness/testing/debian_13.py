"""A Debian 13 system in a folder, beside the host's Debian 12: for long tests alone, since it is half a gigabyte of downloads."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

BOOTSTRAP_LIMIT_S = 900
LIMIT_S = 1800
# Compiles in a third of the time of the default, and behaves the same.
BUILD_OPTIONS = "-DBUILD_TESTING=OFF -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DCMAKE_UNITY_BUILD=ON"


def packages_of_users():
    """What ci/setup would install there, but for what tests need."""
    lines = [line.split("#")[0].split() for line in (ROOT / "ci" / "packages").read_text(encoding="utf-8").splitlines()]
    return [words[0] for words in lines if words and "@12" not in words and "@test" not in words and "@kernels" not in words]


def skip_where_there_can_be_none():
    if 'VERSION_ID="13"' in pathlib.Path("/etc/os-release").read_text(encoding="utf-8"):
        pytest.skip("this host is Debian 13 itself")
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        pytest.skip("needs root and Debian's mmdebstrap")


class System:
    """Scripts run in it as root, with the host's network and packages' archive."""

    def __init__(self, root):
        self.root = root

    @classmethod
    @contextlib.contextmanager
    def of_packages(cls, folder, packages=()):
        skip_where_there_can_be_none()
        sys.path.insert(0, str(ROOT / "fixtures" / "debian"))  # before Debian's own module apt
        import apt
        import host

        root, sources = folder / "13", folder / "sources.list"
        sources.write_text(apt.sources("trixie", *host.archives()), encoding="utf-8")
        settings = [word for line in host.acquire_settings() for word in ("--aptopt", line)]
        wanted = ",".join(["ca-certificates", "debian-archive-keyring", *packages])
        argv = ["mmdebstrap", "--mode=root", "--variant=minbase", f"--include={wanted}", *settings, "trixie", str(root), str(sources)]
        made = subprocess.run(argv, capture_output=True, text=True, timeout=BOOTSTRAP_LIMIT_S, check=False)
        assert made.returncode == 0, made.stderr[-2000:]
        try:
            yield cls(root)
        finally:
            shutil.rmtree(root)

    @classmethod
    @contextlib.contextmanager
    def with_tree(cls, folder, more=()):
        """With all that a build needs, more packages, and a clone of this tree in /src."""
        with cls.of_packages(folder, [*packages_of_users(), *more]) as system:
            subprocess.run(["git", "clone", "--quiet", ROOT, system.root / "src"], check=True, timeout=LIMIT_S)
            (system.root / "etc" / "gitconfig").write_text("[safe]\ndirectory = *\n", encoding="utf-8")
            yield system

    def run(self, script, shared):
        """The script's end; it begins in /src, where there is one. The folder `shared` has the same path there."""
        inside = self.root / str(shared).lstrip("/")
        inside.mkdir(parents=True, exist_ok=True)
        mounts = f"mount --bind {shared} {inside}; mount -t proc proc {self.root}/proc; mount --rbind /dev {self.root}/dev"
        script = f"cd /src 2>/dev/null || cd /; export HOME=/root LC_ALL=C.UTF-8; {script}"
        argv = ["unshare", "--mount", "bash", "-ec", f'{mounts}; exec chroot {self.root} bash -ec "$0"', script]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LOOPGATE_")}  # of the build and the cache here
        return subprocess.run(argv, capture_output=True, text=True, timeout=LIMIT_S, check=False, env=clean)
