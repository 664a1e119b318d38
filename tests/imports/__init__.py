"""Tests of what people have set up elsewhere."""
