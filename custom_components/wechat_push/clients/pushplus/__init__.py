"""PushPlus: client, callbacks, limits and codes."""
