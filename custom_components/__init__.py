"""Custom integrations; a package, so that tests find this one before others."""
