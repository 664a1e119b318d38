"""Pictures and files of messages."""
