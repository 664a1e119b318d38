"""WeCom applications: client, messages, cards, media, targets, limits and codes."""
