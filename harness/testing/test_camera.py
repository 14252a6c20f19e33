"""The inspection pipeline with a V4L2 camera: vivid, a camera that the kernel plays, is a module of Debian's kernels."""

import pytest
from conftest import INVALID, PASS

OF_THE_CAMERA = [
    ('"--camera", "synthetic", "--camera-seed", "{seed}"', '"--camera", "v4l2:/dev/video0", "--camera-timeout-ms", "300"'),
    ("[decisions]", "[decisions]\nunjudged = true\n\n#"),
    ("[48000, 52000]", "[498000, 502000]"),  # it gives 5 frames a second
    ("deadline_us = 30000", "deadline_us = 400000"),
    ("response_timeout_ms = 45", "response_timeout_ms = 450"),
]


@pytest.fixture
def seen_by_a_camera(measure, suite_file):
    """A few parts, on a kernel, as the camera of that kernel sees them."""
    suite = suite_file("camera", of="inspection", replace=OF_THE_CAMERA)
    return lambda kernel: measure(suite, kernel=kernel, load="idle", samples=10, repeat=1)


def test_each_part_has_a_frame_of_the_camera(seen_by_a_camera, toml_file):
    kernel = toml_file("vivid.toml", 'title = "Debian 13, with vivid"\n[source]\npackage = "linux-image-{architecture}"\nload = ["vivid"]\n')
    run = seen_by_a_camera(kernel)
    assert run.status == PASS, run.errors
    said = run.evidence("vivid.idle")["payload"]
    assert said["frames"] == 15, "five to warm up, and ten"
    assert said["work"]["computed_bytes_a_frame"]["capture"] == 320 * 180 * 2, "read and written, of the smallest frame that it has"
    assert run.summary("vivid.idle")["unanswered"] == 0


def test_a_camera_that_is_not_there_is_named(seen_by_a_camera):
    run = seen_by_a_camera("generic")
    assert run.status == INVALID
    assert "camera /dev/video0 cannot be opened: No such file or directory" in run.errors
