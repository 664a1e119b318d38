"""The wire protocols of the services; nothing in here knows Home Assistant."""
