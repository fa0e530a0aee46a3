"""What all contenders send alike."""

CHUNK = 1 << 14
"""Bytes asked of a stream at once, where a size is asked for."""

PIECE = 1 << 18
"""Bytes read from a file at once, by those who leave that to the caller."""

DOCUMENT = {"user": 4711, "items": [{"sku": "A-17", "count": 2}, {"sku": "B-3", "count": 1}], "note": "no hurry"}
