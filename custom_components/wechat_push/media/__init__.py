"""Media of messages."""
