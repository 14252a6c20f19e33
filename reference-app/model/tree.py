"""A folder with Debian 13's Python and the libraries that training needs, and running a program in it. Neither needs root: the packages
are only unpacked, and their installation scripts are not run."""

import hashlib
import json
import os
import pathlib
import platform
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "debian"))
from apt import PrivateApt
from common import Failure, cache_directory, locked, tell
from kept import folder_made_whole, is_kept

SUITE = "trixie"
PACKAGES = ["python3-torch", "python3-onnx", "python3-onnxruntime", "python3-numpy", "python3-pil", "fonts-dejavu-core"]
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
PATTERNS = ("./usr/bin/python3*", "./usr/lib/*", "./usr/lib64/*", "./lib/*", "./lib64/*", "./usr/share/fonts/*", "./etc/fonts/*")


def make():
    """The finished tree in the cache."""
    architecture = ARCHITECTURES.get(platform.machine())
    if not architecture:
        raise Failure(f"training is not set up for {platform.machine()}; use an amd64 or arm64 machine")
    recipe = hashlib.sha256(json.dumps([PACKAGES, PATTERNS]).encode()).hexdigest()[:16]
    place = cache_directory() / "training" / f"{SUITE}-{architecture}-{recipe}"
    with locked(place.with_suffix(".lock")):
        if not is_kept(place):
            _unpack(PrivateApt(SUITE, architecture).get(PACKAGES, dependencies=True), place)
    return place


def _unpack(packages, place):
    tell(f"unpacking {len(packages)} packages for training")
    with folder_made_whole(place) as part:
        for name in ("lib", "bin", "sbin", "lib64"):  # before anything is unpacked: Debian's merged /usr
            (part / "usr" / name).mkdir(parents=True)
            os.symlink(f"usr/{name}", part / name)
        for name in ("proc", "sys", "dev", "tmp", "model", "work"):
            (part / name).mkdir()
        for package in packages:
            package.extract(part, PATTERNS)
        about = [package.about() for package in packages]
        (part / "packages.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


# libcpuinfo reads /proc and /sys, and aborts without them. What is bound disappears with the mount namespace.
ENTER = """set -e
tree=$1; model=$2; work=$3; shift 3
for folder in proc sys dev; do mount --rbind "/$folder" "$tree/$folder"; done
mount --bind "$model" "$tree/model"
mount --bind "$work" "$tree/work"
exec chroot "$tree" "$@"
"""


def run(tree, model, work, argv):
    """Runs `argv` with `tree` as its root, the folder `model` at /model and `work` at /work; its exit status."""
    namespace = ["unshare", "--mount"] if os.getuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    libraries = next((tree / "usr" / "lib").glob("*-linux-gnu")).name
    # Which libblas.so.3 and liblapack.so.3 are used is decided by installation scripts elsewhere.
    path = ":".join(f"/usr/lib/{libraries}/{name}" for name in ("blas", "lapack"))
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": path, "LC_ALL": "C.UTF-8", "HOME": "/tmp"}
    enter = [*namespace, "sh", "-c", ENTER, "enter", str(tree), str(model), str(work)]
    return subprocess.run([*enter, *argv], env=environment, check=False).returncode
