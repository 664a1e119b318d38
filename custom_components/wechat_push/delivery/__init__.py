"""The delivery engine: every message of an account, from hand-over to its end."""
