"""Stand-in: opens no file."""
