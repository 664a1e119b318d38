"""Tests of the blueprints, as automations that people make with them."""
