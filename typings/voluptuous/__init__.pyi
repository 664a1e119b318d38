# What `import voluptuous` gives in Home Assistant 2026.9 and later.
from probatio import *  # noqa: F403, TID251
