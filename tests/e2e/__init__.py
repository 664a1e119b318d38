"""A person in front of a real browser, with a real Home Assistant behind it.

Its own pytest.ini keeps out the plugin that gives other tests a Home Assistant inside
their own process, and that lets them open no connection.
"""
