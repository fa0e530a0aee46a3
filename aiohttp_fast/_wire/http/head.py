"""The head writer's contract, and the choice between its two implementations.

*headers* is a multidict, any mapping, or an iterable of (name, value) pairs. Names and
values are str; nothing else is converted. Text leaves as UTF-8, and U+DC80..U+DCFF as
the single byte that ``surrogateescape`` made them from, so what was received can be
sent on unchanged.

ValueError is raised, and nothing is returned, for a header name that is not a token
(RFC 9110 5.1), a control character other than HTAB in a value or start line (RFC 9110
5.5), a lone surrogate that stands for no byte; TypeError for a part that is not str.
Both name the header and never quote a value. Pairs are collected first, then the start
line is checked, then the fields in order.
"""

from collections.abc import Iterable, Mapping

from multidict import CIMultiDict, CIMultiDictProxy

from ..._base.speed import COMPILED

if COMPILED:
    from .head_c import serialize_head, serialize_request_head
else:
    from .head_py import serialize_head, serialize_request_head

__all__ = ("Headers", "serialize_head", "serialize_request_head")

Headers = CIMultiDict[str] | CIMultiDictProxy[str] | Mapping[str, str] | Iterable[tuple[str, str]]
