"""What a message costs, and what becomes of it when its service comes and goes."""
