"""Tests of the delivery engine: without Home Assistant, on a clock of their own."""
