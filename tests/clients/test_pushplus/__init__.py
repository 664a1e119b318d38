"""Tests of the client of PushPlus."""
