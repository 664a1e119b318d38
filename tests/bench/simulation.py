"""Many worlds of the delivery engine, for what the suite has no time for."""

from collections import Counter
import time

from ..demo.terminal import say
from ..unit.simulation import run_world

# Beyond those of the suite, which has tried them.
_FIRST = 300


def run(worlds: int) -> bool:
    """Simulate worlds, print what came of it; return whether all is as it has to be."""
    started = time.monotonic()
    counts: Counter[str] = Counter()
    failed: dict[int, list[str]] = {}
    for seed in range(_FIRST, _FIRST + worlds):
        world = run_world(seed)
        counts["messages"] += sum(each.born is not None for each in world.sent)
        counts["requests"] += len(world.service.requests)
        counts["kills"] += world.kills
        for kind in world.kinds:
            counts[kind] += 1
        if world.violations:
            failed[seed] = world.violations
    say(
        f"{worlds} worlds in {time.monotonic() - started:.0f} s:"
        f" {counts['messages']} messages, {counts['requests']} requests,"
        f" {counts['kills']} kills"
    )
    say(
        f"lost: {counts['lost']}, doubled: {counts['doubled']},"
        f" out of order: {counts['out of order']}, other: {counts['other']}"
    )
    for seed, problems in failed.items():
        say(f"seed {seed}: {'; '.join(problems[:5])}")
    return not failed
