"""Floor 2: the asyncio side of one connection, and message bodies."""
