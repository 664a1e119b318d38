"""Worlds one after another, on a disk in memory where there is one."""

from pathlib import Path
import tempfile

from .invariants import check
from .world import World

_MEMORY = Path("/dev/shm")  # noqa: S108


def run_world(seed: int) -> World:
    """Return the world of a seed when it is over, with what does not hold."""
    parent = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="world-", dir=parent) as folder:
        world = World(seed, Path(folder))
        world.run()
    check(world)
    return world


def check_world(seed: int) -> list[str]:
    """Return what does not hold in the world of a seed."""
    return run_world(seed).violations
