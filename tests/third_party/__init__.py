"""Clients that others wrote speak to the simulators, as they do to the services."""
