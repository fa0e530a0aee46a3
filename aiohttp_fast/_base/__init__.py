"""Floor 0: words shared by every room; no loop and no I/O lives here."""
