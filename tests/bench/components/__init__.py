"""Integrations that the Home Assistant of the benchmark finds beside WeChat Push."""
