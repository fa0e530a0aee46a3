"""Questions to name servers and what their answers say, in the terms of dnspython, which is needed here."""

import socket
from typing import NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype

__all__ = ("Answer", "parse", "question", "read")

_TYPES: dict[int, dns.rdatatype.RdataType] = {socket.AF_INET: dns.rdatatype.A, socket.AF_INET6: dns.rdatatype.AAAA}
_LONGEST = 7 * 86400  # seconds for which an address is kept at most (RFC 8767 4)
_LONGEST_NEGATIVE = 3 * 3600  # ... and that there is none (RFC 2308 5)


class Answer(NamedTuple):
    """The addresses of one family, if the name is one at all, and for how many seconds that is true."""

    addresses: tuple[str, ...]
    is_name: bool
    ttl: int


def question(name: str, family: int, with_edns: bool) -> dns.message.QueryMessage:
    """Return a new question, with an id that nobody can guess, for the addresses of *name*, one in ASCII."""
    labels = [label.encode("ascii") for label in name.split(".")]
    return dns.message.make_query(dns.name.Name([*labels, b""]), _TYPES[family], use_edns=with_edns)


def parse(wire: bytes, asked: dns.message.QueryMessage, is_datagram: bool = False) -> dns.message.Message:
    """Return the answer to *asked* that *wire* is; ``OSError`` for what is none.

    Of a datagram that was cut short ``dns.message.Truncated`` is raised.
    """
    try:
        message = dns.message.from_wire(wire, raise_on_truncation=is_datagram)
    except dns.message.Truncated as exc:
        if asked.is_response(exc.message()):  # type: ignore[no-untyped-call]
            raise
        raise OSError(None, "an answer to another question") from exc
    except Exception as exc:  # whatever the parser makes of rubbish
        raise OSError(None, f"no DNS message: {exc!r}") from exc
    if not asked.is_response(message):
        raise OSError(None, "an answer to another question")
    return message


def read(response: dns.message.Message, family: int) -> Answer:
    """Return what *response*, an answer to a question for *family*, says; ``OSError`` where it says nothing."""
    rcode = response.rcode()
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN) or not isinstance(response, dns.message.QueryMessage):
        raise OSError(None, f"refused: {dns.rcode.to_text(rcode)}")
    try:
        chain = response.resolve_chaining()
    except dns.exception.DNSException as exc:
        raise OSError(None, f"no proper answer: {exc!r}") from exc
    if chain.answer is not None:
        addresses = tuple(record.address for record in chain.answer)
        return Answer(addresses, True, min(chain.minimum_ttl, _LONGEST))
    if response.flags & dns.flags.TC:
        raise OSError(None, "an answer that was cut short")
    # Without SOA, nothing negative is kept (RFC 2308 5).
    is_told = any(_is_above(rrset, chain.canonical_name) for rrset in response.authority)
    ttl = min(chain.minimum_ttl, _LONGEST_NEGATIVE) if is_told else 0
    return Answer((), rcode == dns.rcode.NOERROR, ttl)


def _is_above(rrset: dns.rrset.RRset, name: dns.name.Name) -> bool:
    """Return True for the SOA record of a zone that *name* is in."""
    is_soa = rrset.rdtype == dns.rdatatype.SOA and rrset.rdclass == dns.rdataclass.IN
    return is_soa and name.is_subdomain(rrset.name)
