"""What the handlers of each tracing signal are told."""

from dataclasses import dataclass

from multidict import CIMultiDict
from yarl import URL

from .._base.attrs_fields import AttrsFields
from .response import ClientResponse

__all__ = (
    "TraceConnectionCreateEndParams",
    "TraceConnectionCreateStartParams",
    "TraceConnectionQueuedEndParams",
    "TraceConnectionQueuedStartParams",
    "TraceConnectionReuseconnParams",
    "TraceDnsCacheHitParams",
    "TraceDnsCacheMissParams",
    "TraceDnsResolveHostEndParams",
    "TraceDnsResolveHostStartParams",
    "TraceRequestChunkSentParams",
    "TraceRequestEndParams",
    "TraceRequestExceptionParams",
    "TraceRequestHeadersSentParams",
    "TraceRequestRedirectParams",
    "TraceRequestStartParams",
    "TraceResponseChunkReceivedParams",
)


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceRequestStartParams:
    """A request begins; *headers*, the caller's and the session's, may still be changed and are sent so."""

    __attrs_attrs__ = AttrsFields()

    method: str
    url: URL
    headers: "CIMultiDict[str]"


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceRequestEndParams:
    """A request has its response, redirects followed; *method* and *url* are those of the last turn."""

    __attrs_attrs__ = AttrsFields()

    method: str
    url: URL
    headers: "CIMultiDict[str]"
    response: ClientResponse


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceRequestExceptionParams:
    """A request failed with *exception*, which its caller gets; a cancellation is one too."""

    __attrs_attrs__ = AttrsFields()

    method: str
    url: URL
    headers: "CIMultiDict[str]"
    exception: BaseException


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceRequestRedirectParams:
    """*url* answered with a redirect that is about to be followed."""

    __attrs_attrs__ = AttrsFields()

    method: str
    url: URL
    headers: "CIMultiDict[str]"
    response: ClientResponse


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceRequestHeadersSentParams:
    """The head of a request is about to be written: *headers* are all of its fields, and may still be changed."""

    __attrs_attrs__ = AttrsFields()

    method: str
    url: URL
    headers: "CIMultiDict[str]"


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceRequestChunkSentParams:
    """*chunk* of a request's body is about to be written; neither compressed nor framed."""

    __attrs_attrs__ = AttrsFields()

    method: str
    url: URL
    chunk: bytes


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceResponseChunkReceivedParams:
    """``read()``, or what calls it, has the body: *chunk* is all of it, its content coding removed."""

    __attrs_attrs__ = AttrsFields()

    method: str
    url: URL
    chunk: bytes


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceConnectionQueuedStartParams:
    """A request waits for a connection, as a limit of the connector is reached."""

    __attrs_attrs__ = AttrsFields()


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceConnectionQueuedEndParams:
    """The wait for a connection is over."""

    __attrs_attrs__ = AttrsFields()


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceConnectionCreateStartParams:
    """A connection is being made; names are looked up as a part of that."""

    __attrs_attrs__ = AttrsFields()


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceConnectionCreateEndParams:
    """A connection was made, TLS included."""

    __attrs_attrs__ = AttrsFields()


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceConnectionReuseconnParams:
    """A kept connection is used."""

    __attrs_attrs__ = AttrsFields()


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceDnsResolveHostStartParams:
    """The resolver is asked for *host*."""

    __attrs_attrs__ = AttrsFields()

    host: str


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceDnsResolveHostEndParams:
    """The resolver has answered."""

    __attrs_attrs__ = AttrsFields()

    host: str


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceDnsCacheHitParams:
    """The addresses of *host* are known, or another request's look-up has found them."""

    __attrs_attrs__ = AttrsFields()

    host: str


@dataclass(frozen=True, order=True, slots=True, weakref_slot=True)
class TraceDnsCacheMissParams:
    """The addresses of *host* have to be looked up."""

    __attrs_attrs__ = AttrsFields()

    host: str
