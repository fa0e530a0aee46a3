"""Frames as bytes, and the choice between two implementations (RFC 6455 5.2).

``make_frame(first, payload, key=None)`` returns a whole frame: *first* is its first byte
(FIN, reserved bits, opcode), *payload* bytes, any other buffer or str, which becomes
UTF-8; with *key*, four bytes, it is masked on the way, without a copy in between.
``frame_head(first, length, key=None)`` returns what comes before a payload of *length*
bytes. TypeError for a payload that is none of these, UnicodeEncodeError for str that
has no UTF-8, TypeError or ValueError for a key that is not four bytes.

``cut(data, start, stop)`` and ``text(data, start, stop)`` return bytes and str of a part of
a bytearray; ``text`` raises UnicodeDecodeError for what is not UTF-8. ``unmask(data, start,
stop, key, phase=0)`` unmasks a part in place. Parts must lie within: IndexError.

``make_tuple(cls, kind, data, extra)`` makes a message, ``field_of(message, index)`` is one
of its fields: what a class of named tuples does for either takes longer than all else
that a short frame needs.
"""

from ..._base.speed import COMPILED

if COMPILED:
    from .frame_c import cut, field_of, frame_head, make_frame, make_tuple, text, unmask
else:
    from .frame_py import cut, field_of, frame_head, make_frame, make_tuple, text, unmask

__all__ = ("cut", "field_of", "frame_head", "make_frame", "make_tuple", "text", "unmask")
