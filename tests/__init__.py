"""Tests of WeChat Push."""
