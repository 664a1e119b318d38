"""What stops the demo."""


class DemoError(Exception):
    """The demo cannot go on; the text tells a person why."""
