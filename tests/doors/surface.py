"""The names of each door, frozen: what other people's software imports from aiohttp by the path of a submodule.

A name may be added here when it is added to its door; none may go. ``hdrs`` is everything in its room.
"""

DOORS = {
    "abc": """
        AbstractAccessLogger AbstractCookieJar AbstractMatchInfo AbstractResolver AbstractRouter AbstractStreamWriter
        AbstractView ClearCookiePredicate ResolveResult
    """,
    "base_protocol": "PAUSE_RESUME_READING_ERRORS BaseProtocol",
    "client": """
        DEFAULT_TIMEOUT IDEMPOTENT_METHODS URL BaseConnector ClientConnectionError ClientConnectionResetError
        ClientConnectorCertificateError ClientConnectorDNSError ClientConnectorError ClientConnectorSSLError
        ClientError ClientHttpProxyError ClientOSError ClientPayloadError ClientProxyConnectionError
        ClientRequest ClientResponse ClientResponseError ClientSSLError ClientSession ClientTimeout
        ClientWSTimeout ClientWebSocketResponse ConnectionTimeoutError ContentTypeError Fingerprint InvalidURL
        InvalidUrlClientError InvalidUrlRedirectClientError NamedPipeConnector NonHttpUrlClientError
        NonHttpUrlRedirectClientError RedirectClientError RequestInfo SSLContext ServerConnectionError
        ServerDisconnectedError ServerFingerprintMismatch ServerTimeoutError SocketTimeoutError TCPConnector
        TooManyRedirects UnixConnector UploadAbortedError UploadTracker WSMessageTypeError
        WSServerHandshakeError _RequestContextManager _RequestOptions _SessionRequestContextManager
        _WSRequestContextManager request
    """,
    "client_exceptions": """
        ClientConnectionError ClientConnectionResetError ClientConnectorCertificateError ClientConnectorDNSError
        ClientConnectorError ClientConnectorSSLError ClientError ClientHttpProxyError ClientOSError ClientPayloadError
        ClientProxyConnectionError ClientResponseError ClientSSLError ConnectionTimeoutError ContentTypeError InvalidURL
        InvalidUrlClientError InvalidUrlRedirectClientError NonHttpUrlClientError NonHttpUrlRedirectClientError
        RedirectClientError RequestInfo ServerConnectionError ServerDisconnectedError ServerFingerprintMismatch
        ServerTimeoutError SocketTimeoutError TooManyRedirects UnixClientConnectorError UploadAbortedError
        WSMessageTypeError WSServerHandshakeError cert_errors cert_errors_bases ssl_error_bases ssl_errors
    """,
    "client_proto": "ResponseHandler",
    "client_reqrep": """
        SSL_ALLOWED_TYPES ClientRequest ClientResponse ConnectionKey ContentDisposition Fingerprint
        MappingProxyType RequestInfo UploadTracker json_re
    """,
    "compression_utils": """
        HAS_BROTLI HAS_ZSTD MAX_DECOMPRESS_MEMBERS MAX_SYNC_CHUNK_SIZE MEMBER_WINDOW_MAX MEMBER_WINDOW_MIN
        ZLIB_MAX_LENGTH_UNLIMITED ZSTD_MAX_LENGTH_UNLIMITED BrotliDecompressor Buffer ConcatDecompressionHandler
        DecompressionBaseHandler TooManyMembersError ZLibBackend ZLibBackendWrapper ZLibCompressor ZLibDecompressor
        ZSTDDecompressor encoding_to_mode set_zlib_backend
    """,
    "connector": """
        EMPTY_SCHEMA_SET HIGH_LEVEL_SCHEMA_SET HTTP_AND_EMPTY_SCHEMA_SET HTTP_SCHEMA_SET NEEDS_CLEANUP_CLOSED
        WS_SCHEMA_SET AddrInfoType BaseConnector Buffer Connection NamedPipeConnector SocketFactoryType TCPConnector
        UnixConnector
    """,
    "cookiejar": "CookieItem CookieJar DummyCookieJar",
    "formdata": "FormData",
    "helpers": """
        CHAR CTL DEBUG DEFAULT_CHUNK_SIZE EMPTY_BODY_METHODS EMPTY_BODY_STATUS_CODES ETAG_ANY IS_MACOS
        IS_WINDOWS LIST_QUOTED_ETAG_RE NO_EXTENSIONS PY_311 QCONTENT QUOTED_ETAG_RE SEPARATORS TOKEN AppKey
        BaseKey BaseTimerContext BasicAuth ChainMapProxy ETag EnsureOctetStream HeadersMixin MimeType ProxyInfo
        RequestKey ResponseKey TimeoutHandle TimerContext TimerNoop basicauth_from_netrc calculate_timeout_when
        call_later ceil_timeout content_disposition_header encode_basic_auth get_env_proxy_for_url
        guess_filename is_canonical_ipv4_address is_ip_address must_be_empty_body netrc_from_env noop
        not_qtext_re parse_content_type parse_http_date parse_mimetype proxies_from_env quoted_string reify
        rfc822_formatted_time sentinel set_exception set_result should_remove_content_length strip_auth_from_url
        validate_etag_value weakref_handle
    """,
    "http": """
        RESPONSES SERVER_SOFTWARE WS_CLOSED_MESSAGE WS_CLOSING_MESSAGE WS_KEY HeadersParser HttpParser
        HttpProcessingError HttpRequestParser HttpResponseParser HttpVersion HttpVersion10 HttpVersion11
        RawRequestMessage RawResponseMessage StreamWriter WSCloseCode WSMessage WSMessageDecodeText
        WSMessageNoDecodeText WSMessageTextBytes WSMsgType WebSocketError WebSocketReader WebSocketWriter
        ws_ext_gen ws_ext_parse
    """,
    "http_exceptions": """
        BadHttpMessage BadHttpMethod BadStatusLine ContentEncodingError ContentLengthError DecompressSizeError
        HttpBadRequest HttpProcessingError InvalidHeader InvalidURLError LineTooLong PayloadEncodingError
        TransferEncodingError
    """,
    "http_parser": """
        ASCIISET DIGITS HEXDIGITS SINGLETON_HEADERS TOKENRE VERSRE ChunkState DeflateBuffer HeadersParser HttpParser
        HttpPayloadParser HttpRequestParser HttpRequestParserC HttpRequestParserPy HttpResponseParser
        HttpResponseParserC HttpResponseParserPy ParseState PayloadState RawRequestMessage RawRequestMessageC
        RawRequestMessagePy RawResponseMessage RawResponseMessageC RawResponseMessagePy
    """,
    "http_writer": """
        IS_PY313_BEFORE_313_2 IS_PY_BEFORE_312_9 MIN_PAYLOAD_FOR_WRITELINES SKIP_WRITELINES Buffer HttpVersion
        HttpVersion10 HttpVersion11 StreamWriter
    """,
    "log": "access_logger client_logger internal_logger server_logger web_logger ws_logger",
    "payload": """
        PAYLOAD_REGISTRY TOO_LARGE_BYTES_BODY AsyncIterablePayload BufferedReaderPayload BytesIOPayload BytesPayload
        IOBasePayload JsonBytesPayload JsonPayload LookupError Order Payload PayloadRegistry PayloadType
        StreamReaderPayload StringIOPayload StringPayload TextIOPayload get_payload payload_type register_payload
    """,
    "protocol": "HttpVersion HttpVersion10 HttpVersion11",
    "resolver": "AsyncResolver DefaultResolver ThreadedResolver aiodns aiodns_default",
    "streams": """
        EMPTY_PAYLOAD AsyncStreamIterator ChunkTupleAsyncStreamIterator DataQueue EmptyStreamReader EofStream
        FlowControlDataQueue StreamReader
    """,
    "tcp_helpers": "tcp_keepalive tcp_nodelay",
    "typedefs": """
        DEFAULT_JSON_DECODER DEFAULT_JSON_ENCODER Byteish Handler JSONBytesEncoder JSONDecoder JSONEncoder LooseCookies
        LooseCookiesIterables LooseCookiesMappings LooseHeaders Middleware PathLike Query RawHeaders StrOrURL
    """,
    "client_middleware_digest_auth": """
        QUOTED_AUTH_FIELDS SUPPORTED_ALGORITHMS DigestAuthMiddleware DigestFunctions escape_quotes
        parse_header_pairs unescape_quotes
    """,
    "tracing": """
        Trace TraceConfig TraceConnectionCreateEndParams TraceConnectionCreateStartParams
        TraceConnectionQueuedEndParams TraceConnectionQueuedStartParams TraceConnectionReuseconnParams
        TraceDnsCacheHitParams TraceDnsCacheMissParams TraceDnsResolveHostEndParams
        TraceDnsResolveHostStartParams TraceRequestChunkSentParams TraceRequestEndParams
        TraceRequestExceptionParams TraceRequestHeadersSentParams TraceRequestRedirectParams
        TraceRequestStartParams TraceResponseChunkReceivedParams
    """,
    "client_middlewares": """
        ClientHandlerType ClientMiddlewareType build_client_middlewares
    """,
    "multipart": """
        BadContentDispositionHeader BadContentDispositionParam BodyPartReader BodyPartReaderPayload Buffer
        MultipartPayloadWriter MultipartReader MultipartResponseWrapper MultipartWriter Self
        content_disposition_filename parse_content_disposition
    """,
    "payload_streamer": """
        StreamPayload StreamWrapperPayload streamer
    """,
    "client_ws": """
        DEFAULT_WS_CLIENT_TIMEOUT ClientWSTimeout ClientWebSocketResponse
    """,
    "http_websocket": """
        WS_CLOSED_MESSAGE WS_CLOSING_MESSAGE WS_KEY WSCloseCode WSHandshakeError WSMessage WSMessageDecodeText
        WSMessageNoDecodeText WSMessageTextBytes WSMsgType WebSocketError WebSocketReader WebSocketWriter
        ws_ext_gen ws_ext_parse
    """,
}
