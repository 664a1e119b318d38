"""What becomes of messages when everything around them breaks."""
