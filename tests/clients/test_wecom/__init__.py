"""Tests of the client of WeCom."""
