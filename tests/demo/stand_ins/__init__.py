"""Stand-ins for what Home Assistant loads at every start and the demo never uses.

These modules are on the path of the demo's Home Assistant alone: the real ones have to
be compiled, or look for a library of the system.
"""
