"""Accounts that people have set up elsewhere: in Apprise, and as notify platforms."""
