"""Decoding a picture takes less than 150 MB, whatever the picture is."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
import random
import subprocess
import sys

from PIL import Image, ImageFile
import pytest

# Most memory of a process that scales the picture, without what it had before, in MB.
SCRIPT = """
import sys
from pathlib import Path
from custom_components.wechat_push.media.images import fit_image

def most():
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000

content = Path(sys.argv[1]).read_bytes()
before = most()
fit_image(content, "x", 1_500_000)
print(most() - before)
"""


def noise(size: tuple[int, int], mode: str) -> Image.Image:
    """Return a picture that is hard to compress."""
    side = 500
    pixels = random.Random(1).randbytes(side * side * len(mode))
    tile = Image.frombytes(mode, (side, side), pixels)
    made = Image.new(mode, size)
    for left in range(0, size[0], side):
        for top in range(0, size[1], side):
            made.paste(tile, (left, top))
    return made


def save(
    kind: str, size: tuple[int, int], mode: str, **options: object
) -> Callable[[], bytes]:
    """Return a function that makes a picture."""

    def make() -> bytes:
        made = BytesIO()
        noise(size, mode).save(made, kind, **options)
        return made.getvalue()

    return make


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(save("PNG", (4000, 4000), "RGBA", compress_level=1), id="png"),
        pytest.param(
            save("JPEG", (4000, 4000), "RGB", subsampling=0, progressive=True),
            id="progressive",
        ),
        pytest.param(save("WEBP", (4000, 2000), "RGBA", method=0), id="webp"),
        pytest.param(
            save("AVIF", (4000, 2000), "RGBA", speed=10, subsampling="4:4:4"), id="avif"
        ),
    ],
)
def test_peak(
    make: Callable[[], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Test the memory that the largest pictures take."""
    # Noise does not fit into the buffer of Pillow.
    monkeypatch.setattr(ImageFile, "MAXBLOCK", 60_000_000)
    path = tmp_path / "picture"
    path.write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, path],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        check=True,
        text=True,
    )
    assert 5 < float(done.stdout) < 150, done.stderr
