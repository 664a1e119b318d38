"""The parts of the config flow."""
