"""A house with two cameras, for Home Assistant to have something to send."""
