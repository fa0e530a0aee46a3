"""A faster, safer drop-in replacement for aiohttp: asyncio HTTP client."""

from ._base import hdrs
from ._base.speed import COMPILED
from ._base.version import __version__
from ._client.abc import AbstractCookieJar
from ._client.auth import BasicAuth, encode_basic_auth
from ._client.connector.base import BaseConnector
from ._client.connector.connection import Connection
from ._client.connector.tcp import TCPConnector
from ._client.cookiejar import CookieJar, DummyCookieJar
from ._client.exceptions import *
from ._client.fingerprint import Fingerprint
from ._client.info import RequestInfo
from ._client.options import ClientTimeout
from ._client.request import ClientRequest
from ._client.resolver import DefaultResolver, ThreadedResolver
from ._client.response import ClientResponse
from ._client.session import ClientSession, request
from ._stream.formdata import FormData
from ._stream.payload import *
from ._stream.payload_kinds import *
from ._stream.queue import DataQueue, FlowControlDataQueue
from ._stream.reader import EMPTY_PAYLOAD, StreamReader
from ._wire.http.message import HttpVersion, HttpVersion10, HttpVersion11

IMPLEMENTATION = "compiled" if COMPILED else "pure"
