"""Client of PushPlus."""
