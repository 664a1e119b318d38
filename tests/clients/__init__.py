"""Tests of the clients against the simulated services, without Home Assistant."""
