"""What stops the benchmark."""


class BenchError(Exception):
    """The figures would mean nothing; the text tells a person why."""
