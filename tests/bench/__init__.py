"""What a message costs: through a bare aiohttp, a client, and all of Home Assistant."""
