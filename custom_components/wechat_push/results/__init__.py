"""Delivery results that services report later."""
