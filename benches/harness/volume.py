"""A file system that reads ahead as much as wanted, where the machine lets one be made."""

import contextlib
import os
import subprocess
from pathlib import Path

from harness.paths import WORK

SIZE = 64 * 1024 * 1024


@contextlib.contextmanager
def reading_ahead(kilobytes: int):
    """Yields a folder; None without the right to mount, that is for most users but root."""
    with contextlib.ExitStack() as undo:
        yield mounted(kilobytes, undo) if os.geteuid() == 0 else None


def mounted(kilobytes: int, undo: contextlib.ExitStack) -> Path | None:
    image, folder = WORK / "volume.img", WORK / "volume"
    folder.mkdir(exist_ok=True)
    try:
        with image.open("wb") as file:
            file.truncate(SIZE)
        undo.callback(image.unlink)
        quietly("mkfs.ext4", "-q", "-F", image)
        quietly("mount", "-o", "loop", image, folder)
        undo.callback(quietly, "umount", folder)
        setting = read_ahead(folder)
        before = setting.read_text()
        setting.write_text(str(kilobytes))
        # Another file may get the loop device one day.
        undo.callback(setting.write_text, before)
    except (OSError, subprocess.CalledProcessError):
        return None
    return folder


def quietly(*command) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def read_ahead(folder: Path) -> Path:
    """Where the kernel keeps the kilobytes that it reads ahead in a folder's file system."""
    device = folder.stat().st_dev
    return Path(f"/sys/class/bdi/{os.major(device)}:{os.minor(device)}/read_ahead_kb")
