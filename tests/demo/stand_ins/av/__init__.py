"""Stand-in: decodes nothing. Cameras that stream are listed, but cannot be played."""

from types import SimpleNamespace

FATAL = VERBOSE = 0

logging = SimpleNamespace(FATAL=FATAL, VERBOSE=VERBOSE, set_level=lambda level: None)
