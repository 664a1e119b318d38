"""Tests of the client of WxPusher."""
