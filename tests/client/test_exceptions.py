"""The error tree: parents, texts, and that every error survives pickling."""

import pickle
import ssl

import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

HEADERS = CIMultiDictProxy(CIMultiDict({"X": "1"}))


@pytest.fixture
def errors(lib):
    return lib.load("_client.exceptions")


@pytest.fixture
def info(lib):
    return lib.load("_client.info")


@pytest.fixture
def key(info):
    return info.ConnectionKey("example.com", 443, True, True, None, None, None)


@pytest.fixture
def request_info(info):
    return info.RequestInfo(URL("http://user:secret@example.com/x"), "GET", HEADERS)


TREE = {
    "ClientError": (Exception,),
    "ClientConnectionError": ("ClientError",),
    "ClientConnectionResetError": ("ClientConnectionError", ConnectionResetError),
    "ClientOSError": ("ClientConnectionError", OSError),
    "ClientConnectorError": ("ClientOSError",),
    "ClientConnectorDNSError": ("ClientConnectorError",),
    "ClientProxyConnectionError": ("ClientConnectorError",),
    "UnixClientConnectorError": ("ClientConnectorError",),
    "ClientSSLError": ("ClientConnectorError",),
    "ClientConnectorSSLError": ("ClientSSLError", ssl.SSLError),
    "ClientConnectorCertificateError": ("ClientSSLError", ssl.SSLCertVerificationError, ValueError),
    "ServerConnectionError": ("ClientConnectionError",),
    "ServerDisconnectedError": ("ServerConnectionError",),
    "ServerFingerprintMismatch": ("ServerConnectionError",),
    "ServerTimeoutError": ("ServerConnectionError", TimeoutError),
    "ConnectionTimeoutError": ("ServerTimeoutError",),
    "SocketTimeoutError": ("ServerTimeoutError",),
    "ClientPayloadError": ("ClientError",),
    "ClientPayloadSizeError": ("ClientPayloadError",),
    "ClientResponseError": ("ClientError",),
    "ClientHttpProxyError": ("ClientResponseError",),
    "ContentTypeError": ("ClientResponseError",),
    "TooManyRedirects": ("ClientResponseError",),
    "WSServerHandshakeError": ("ClientResponseError",),
    "InvalidURL": ("ClientError", ValueError),
    "InvalidUrlClientError": ("InvalidURL",),
    "InvalidUrlRedirectClientError": ("InvalidUrlClientError", "RedirectClientError"),
    "NonHttpUrlClientError": ("ClientError",),
    "NonHttpUrlRedirectClientError": ("NonHttpUrlClientError", "RedirectClientError"),
    "RedirectClientError": ("ClientError",),
    "UploadAbortedError": ("ClientError",),
    "TotalTimeoutError": (TimeoutError,),
    "WSMessageTypeError": (TypeError,),
    "WSTimeoutError": (TimeoutError,),
}


def arguments(name, errors, key, request_info):
    """Return ways to make the error called *name*."""
    cls = getattr(errors, name)
    if issubclass(cls, errors.ClientResponseError):
        return [((request_info, ()), {"status": 502, "message": "Bad", "headers": HEADERS}), ((request_info, ()), {})]
    if name == "UnixClientConnectorError":
        return [(("/socket", key, OSError(2, "not there")), {})]
    if name == "ClientConnectorCertificateError":
        return [((key, ssl.CertificateError("bad")), {}), ((key, Exception("odd")), {})]
    if issubclass(cls, errors.ClientConnectorError):
        return [((key, OSError(111, "refused")), {}), ((key, OSError("no number")), {}), ((key, OSError()), {})]
    if name == "ServerFingerprintMismatch":
        return [((b"\1" * 32, b"\2" * 32, "example.com", 443), {})]
    if issubclass(cls, errors.InvalidURL):
        return [(("http://[", "bad host"), {}), ((URL("http://a/"),), {}), (("",), {})]
    return [((), {}), (("a text",), {})]


def facts(error):
    """Return all that is to survive pickling."""
    found = {"args": repr(error.args), "str": str(error), "repr": repr(error)}
    for name in dir(error):
        if not name.startswith("_") and name not in ("with_traceback", "add_note", "code", "characters_written"):
            found[name] = repr(getattr(error, name))
    return found


def test_every_class_is_in_the_tree(errors):
    classes = {name for name in errors.__all__ if isinstance(getattr(errors, name), type)}
    assert classes == {*TREE, "FingerprintMismatch"}
    assert errors.FingerprintMismatch is errors.ServerFingerprintMismatch


@pytest.mark.parametrize("name", TREE)
def test_parents(errors, name):
    for parent in TREE[name]:
        parent = getattr(errors, parent) if isinstance(parent, str) else parent
        assert issubclass(getattr(errors, name), parent)


@pytest.mark.parametrize("name", TREE)
def test_text_and_pickling(errors, key, request_info, name):
    for args, kwargs in arguments(name, errors, key, request_info):
        error = getattr(errors, name)(*args, **kwargs)
        assert str(error)
        assert "secret" not in str(error)
        error.extra = "kept"
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            again = pickle.loads(pickle.dumps(error, protocol))
            assert type(again) is type(error)
            assert facts(again) == facts(error)


def test_response_error(errors, request_info):
    error = errors.ClientResponseError(request_info, (1,), status=404, message="Not Found", headers=HEADERS)
    assert str(error) == "404, message='Not Found', url='http://example.com/x'"
    assert (error.status, error.message, error.history, error.request_info) == (404, "Not Found", (1,), request_info)
    assert error.args == (request_info, (1,))
    assert "status=404" in repr(error)


def test_response_error_leaves_responses_behind(errors, request_info):
    class Response:
        def raise_for_status(self):
            """What makes it look like one."""

    error = errors.TooManyRedirects(request_info, (Response(), "other"))
    assert pickle.loads(pickle.dumps(error)).history == ("other",)


def test_code_is_the_old_name_of_status(errors, request_info):
    with pytest.warns(DeprecationWarning, match="status"):
        error = errors.ClientResponseError(request_info, (), code=400)
    assert error.status == 400
    with pytest.warns(DeprecationWarning, match="status"):
        assert error.code == 400
    with pytest.warns(DeprecationWarning, match="status"):
        error.code = 401
    assert error.status == 401
    with pytest.raises(ValueError, match="Both code and status"):
        errors.ClientResponseError(request_info, (), code=400, status=400)


def test_connector_error(errors, key):
    cause = OSError(111, "refused")
    error = errors.ClientConnectorError(key, cause)
    assert (error.host, error.port, error.ssl, error.os_error) == ("example.com", 443, True, cause)
    assert (error.errno, error.strerror) == (111, "refused")
    assert str(error) == "Cannot connect to host example.com:443 ssl:default [refused]"
    unverified = errors.ClientConnectorError(key._replace(ssl=False), cause)
    assert "ssl:False" in str(unverified)
    assert str(errors.UnixClientConnectorError("/s", key, cause)) == (
        "Cannot connect to unix socket /s ssl:default [refused]"
    )


def test_certificate_error(errors, key):
    cause = ssl.CertificateError("bad")
    error = errors.ClientConnectorCertificateError(key, cause)
    assert error.certificate_error is cause
    assert "[SSLCertVerificationError: ('bad',)]" in str(error)


def test_invalid_url(errors):
    error = errors.InvalidURL("http://user:secret@ host/", "has a blank")
    assert str(error) == "http:// host/ - has a blank"
    assert (error.url, error.description) == ("http://user:secret@ host/", "has a blank")
    assert repr(errors.InvalidUrlClientError("x")) == "<InvalidUrlClientError x>"


def test_disconnected_message(errors):
    assert errors.ServerDisconnectedError().message == "Server disconnected"
    assert errors.ServerDisconnectedError(message="early").args == ("early",)


def test_request_info(info, request_info):
    assert request_info.real_url is request_info.url
    other = info.RequestInfo(URL("http://a/"), "GET", HEADERS, URL("http://a/#b"))
    again = pickle.loads(pickle.dumps(other))
    assert again == other
    assert type(again.headers) is CIMultiDictProxy


def test_connection_key(info, key):
    assert key != key._replace(server_hostname="other")
    assert pickle.loads(pickle.dumps(key)) == key
    assert pickle.loads(pickle.dumps(key._replace(ssl=ssl.create_default_context()))) == key


def test_fingerprint(lib):
    fingerprint = lib.load("_client.fingerprint").Fingerprint
    one = fingerprint(b"\1" * 32)
    assert one.fingerprint == b"\1" * 32
    assert one == fingerprint(b"\1" * 32)
    assert len({one, fingerprint(b"\1" * 32), fingerprint(b"\2" * 32)}) == 2
    assert one != b"\1" * 32
    assert "0101" in repr(one)
    for size in (16, 20, 31):
        with pytest.raises(ValueError, match="sha256"):
            fingerprint(bytes(size))
