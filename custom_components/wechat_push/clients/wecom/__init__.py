"""Client of WeCom applications."""
