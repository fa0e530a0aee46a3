"""The masker's contract, and the choice between its two implementations (RFC 6455 5.3).

``mask(key, buf, offset=0)`` XORs a writable, contiguous buffer in place: byte ``i`` with
``key[(offset + i) % 4]``, so a payload may be masked piece by piece. ``mask_into(dst,
src, key, phase=0)`` copies and masks in one go; the two have one length and may overlap
or be the same. Any length and alignment will do; 256 KiB and more run without the GIL.
TypeError for a key that is not bytes or a buffer that is not writable; ValueError for a
key that has not 4 bytes, or for two lengths.
"""

from ..._base.speed import COMPILED

if COMPILED:
    from .mask_c import mask, mask_into
else:
    from .mask_py import mask, mask_into

__all__ = ("mask", "mask_into")
