"""Floor 3: the HTTP client."""
