"""Stand-in: hears no voice, because none is listened to."""


class MicroVad:
    """Detects voices; there is no wheel for Python 3.14."""
