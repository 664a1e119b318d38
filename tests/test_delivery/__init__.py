"""Messages arrive in order, once, or it is said why not."""
