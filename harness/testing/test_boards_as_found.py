"""Boards as people have them, on which a candidate can't be booted once by the method that their file names: doctor and run say so before anything is
copied. Armed there, a candidate would start somebody's other system, or never, and its choice would stay."""

import shutil

import pytest
from bench import board_file, doctor_refuses, long, on_bench, refuses_untouched, roomy_suite
from conftest import BUILD

PI, PC = "qemu-arm64-disk", "qemu-x86-disk"
KEXEC = 'set method = "kexec"'


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    return roomy_suite(tmp_path_factory.mktemp("suites"))


@pytest.fixture(scope="module")
def two_slots(tmp_path_factory):
    """A Raspberry Pi with two slots, whose first partition is not mounted."""
    with on_bench(tmp_path_factory.mktemp("pi"), "--board", PI, "--layout", "pi-a-b") as board:
        yield board


@pytest.fixture(scope="module")
def own_grub(tmp_path_factory):
    """A PC whose grub.cfg was made by hand."""
    if not (BUILD / "target-amd64" / "programs.cpio").exists():
        pytest.skip("x86's programs are not built: cmake --build build --target target-amd64")
    if shutil.which("qemu-system-x86_64") is None:
        pytest.skip("there is no qemu-system-x86_64: ci/setup")
    with on_bench(tmp_path_factory.mktemp("pc"), "--board", PC, "--layout", "own-grub") as board:
        yield board


def test_two_slots_are_told_from_what_the_firmware_says(loopgate, two_slots, suite, tmp_path):
    assert "autoboot.txt" not in two_slots.ssh("ls /boot/firmware")
    file = board_file(tmp_path, PI, 'method = "extlinux"', 'method = "tryboot"')
    told = "/proc/device-tree/chosen/bootloader/partition: the firmware started another partition than the first (A/B slots"
    refuses_untouched(loopgate, two_slots, suite, file, tmp_path / "run", told, KEXEC)


def test_two_slots_are_told_from_their_autoboot_txt(loopgate, two_slots, tmp_path):
    two_slots.ssh("mkdir -p /boot/first && mount /dev/vda1 /boot/first && touch /boot/first/config.txt")
    try:
        file = board_file(tmp_path, PI, 'method = "extlinux"\nfolder = "/boot/firmware"', 'method = "tryboot"\nfolder = "/boot/first"')
        doctor_refuses(loopgate, two_slots, file, "/boot/first/autoboot.txt: sets tryboot_a_b", KEXEC)
    finally:
        two_slots.ssh("umount /boot/first && rmdir /boot/first")


def test_two_slots_under_a_firmware_that_does_not_tell(loopgate, two_slots, tmp_path):
    two_slots.ssh("mount -t tmpfs none /proc/device-tree/chosen/bootloader")
    try:
        file = board_file(tmp_path, PI, 'method = "extlinux"', 'method = "tryboot"')
        told = "/boot/firmware: is not the disk's first partition, and the firmware does not say why"
        doctor_refuses(loopgate, two_slots, file, told, KEXEC)
    finally:
        two_slots.ssh("umount /proc/device-tree/chosen/bootloader")


@long  # boots of an emulated PC, as all of test_x86_board.py
def test_words_in_the_comments_of_a_grub_cfg_are_no_commands(loopgate, own_grub, suite, tmp_path):
    assert "next_entry" in own_grub.ssh("cat /boot/grub/grub.cfg")
    refuses_untouched(loopgate, own_grub, suite, PC, tmp_path / "run", "/boot/grub/grub.cfg has no command that reads custom.cfg", "run update-grub")


@long  # as the one above
def test_a_grub_cfg_that_reads_custom_cfg_and_has_no_choice_for_one_boot(loopgate, own_grub):
    own_grub.ssh("cp /boot/grub/grub.cfg /tmp/own && echo 'source $prefix/custom.cfg' >> /boot/grub/grub.cfg")
    try:
        told = "/boot/grub/grub.cfg has no commands (load_env, default, save_env) for an entry for one boot"
        doctor_refuses(loopgate, own_grub, PC, told, "run update-grub")
    finally:
        own_grub.ssh("cp /tmp/own /boot/grub/grub.cfg")
