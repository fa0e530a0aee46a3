"""Floor 1: bytes to messages and back; no loop, no socket and no clock lives here."""
