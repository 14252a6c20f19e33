"""The emulated board, used as a board is: switched on and off by its power switch, reached over SSH, kernels booted once by U-Boot."""

import json
import pathlib
import subprocess
import time

import pytest
from bench import DISK, FOLDER, Board, free_port, long
from conftest import BUILD, ROOT

MODULES = ["virtio_blk", "virtio_net", "ext4", "vfat", "nls_cp437", "nls_ascii", "nls_utf8"]
ARGUMENTS = "root=/dev/vda2 rw console=ttyAMA0,115200 panic=5 nokaslr"


@pytest.fixture(scope="module")
def candidate(tmp_path_factory):
    """Debian's PREEMPT_RT kernel: its release, image and initial RAM disk."""
    fetched = subprocess.run([ROOT / "fixtures/kernels/fetch", "--package", "linux-image-rt-arm64", "--modules"], capture_output=True, text=True, check=True, timeout=1800)
    kernel = json.loads(fetched.stdout)
    initrd = tmp_path_factory.mktemp("candidate") / "initrd"
    loads = [word for name in MODULES for word in ("--load", name)]
    subprocess.run([DISK / "initramfs", "--modules", kernel["modules"], *loads, "--out", initrd], capture_output=True, check=True, timeout=300)
    return kernel["release"], pathlib.Path(kernel["image"]), initrd


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    board = Board(folder)
    board.switch("prepare", "--port", str(free_port()), "--console-port", str(free_port()), "--plugin", BUILD / "loopgate_jumper.so")
    # Power was lost when the kernel was armed but not yet copied: no right way to arm leaves this, and it must not keep the board down.
    armed = folder / "armed"
    armed.touch()
    subprocess.run(["mcopy", "-i", f"{folder}/disk.img@@1M", armed, "::/loopgate/armed"], check=True, timeout=30)
    began = time.monotonic()
    board.switch("on")
    try:
        board.release = board.wait_until_up()
        print(f"up after {time.monotonic() - began:.1f} s")
        yield board
    finally:
        board.switch("off")
    assert board.switch("status") == "off"


def test_the_known_good_kernel_is_up_in_spite_of_a_broken_arming(board):
    assert "loopgate: once.env cannot be read" in board.console()
    assert board.release.endswith("+deb13-arm64")
    assert board.ssh(f"ls {FOLDER}") == ""


def test_only_this_bench_is_let_in(board, tmp_path):
    other = tmp_path / "known_hosts"
    port = json.loads((board.folder / "bench.json").read_text())["ssh_port"]
    other.write_text(f"[127.0.0.1]:{port} {(board.folder / 'id_ed25519.pub').read_text()}")
    changed = board.try_ssh("true", more=["-o", f"UserKnownHostsFile={other}"])
    assert changed.returncode == 255
    assert "Host key verification failed" in changed.stderr
    assert board.try_ssh("true", more=["-o", "PubkeyAuthentication=no"]).returncode == 255


def test_the_jumper_carries_both_wires(board):
    """What is set on the lines 6 and 1 is read on 0 and 2. A line keeps its level when gpioset ends."""
    states = []
    for line, level in ((6, 1), (1, 1), (6, 0), (1, 0)):
        states.append(board.ssh(f"gpioset -c gpiochip0 -t 0 {line}={level} && gpioget --numeric -c gpiochip0 0 2"))
    assert states == ["1 0", "1 1", "0 1", "0 0"]


@pytest.fixture(scope="module")
def copied(board, candidate):
    """The candidate is in the boot folder; its release."""
    release, image, initrd = candidate
    for source, name in ((image, "kernel"), (initrd, "initrd")):
        with open(source, "rb") as file:
            board.ssh(f"cat > {FOLDER}/{name}", stdin=file, limit_s=300)
    return release


@long  # test_board.py boots candidates once, and one that panics, by the same script of U-Boot
def test_a_kernel_is_booted_once_and_a_panic_comes_back(board, copied):
    release = copied
    board.arm(ARGUMENTS)
    assert board.wait_until_up(board.restart()) == release
    assert "armed" not in board.ssh(f"ls {FOLDER}").split()  # so it is not booted again
    # The same kernel with no root to mount, that stays down: a panic on the console, and then the power switch.
    board.arm("rdinit=/nothing root=/dev/nothing console=ttyAMA0,115200 panic=0")
    since = board.restart()
    board.wait_for("Kernel panic - not syncing", since)
    board.switch("cycle")
    assert board.wait_until_up(since) == board.release
    assert "armed" not in board.ssh(f"ls {FOLDER}").split()


@long  # a minute of boots
def test_an_initial_ram_disk_that_finds_no_root_restarts_the_board(board, copied):
    """It is booted once: what comes back is the known-good kernel."""
    board.arm(ARGUMENTS.replace("vda2", "vda9") + " loopgate.root_within_s=1")
    since = board.restart()
    board.wait_for("loopgate-initramfs: /dev/vda9 has not appeared within 1 s; restarting", since)
    assert board.wait_until_up(since) == board.release
