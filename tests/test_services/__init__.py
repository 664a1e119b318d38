"""Tests for the actions, from the fields to the requests."""
