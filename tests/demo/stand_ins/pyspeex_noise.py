"""Stand-in: cleans no sound, because none is recorded."""


class AudioProcessor:
    """Suppresses noise; there is no wheel for Python 3.14."""
