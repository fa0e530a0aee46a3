"""Multipart bodies, good and hostile (RFC 2046 5.1, RFC 7578); the boundary is ``B`` unless the type says otherwise.

What is expected of a case: the parts as (fields, body), a list of them for a part that is
multipart itself, and at the end the name of the error with which the body is refused, if it is.
"""

from dataclasses import dataclass
from typing import Any

__all__ = ("CASES", "Case")

MIXED = "multipart/mixed; boundary=B"
FORM = "multipart/form-data; boundary=B"


@dataclass(frozen=True, slots=True)
class Case:
    """A body, and what has to come of it however it is cut."""

    id: str
    body: bytes
    expected: tuple[Any, ...]
    kind: str = MIXED
    options: tuple[tuple[str, int], ...] = ()


A = (("A", "b"),)
HELLO = (A, b"hello")


def part(body: bytes = b"hello", head: bytes = b"A: b\r\n") -> bytes:
    """One part behind its boundary."""
    return b"--B\r\n" + head + b"\r\n" + body + b"\r\n"


END = b"--B--\r\n"
OK = part() + END
INNER = b"Content-Type: multipart/mixed; boundary=I\r\n"
INNER_FIELDS = (("Content-Type", "multipart/mixed; boundary=I"),)


def nested(body: bytes) -> bytes:
    """A part that is multipart, and one behind it."""
    return part(body, INNER) + part(b"last") + END


CASES = [
    # What is in order
    Case("one", OK, (HELLO,)),
    Case("no-last-line-end", OK[:-2], (HELLO,)),
    Case("last-line-end-lf", OK[:-2] + b"\n", (HELLO,)),
    Case("two", part() + part(b"world") + END, (HELLO, (A, b"world"))),
    Case("preamble", b"to whom\r\nit may concern\r\n" + OK, (HELLO,)),
    Case("preamble-empty-line", b"\r\n" + OK, (HELLO,)),
    Case("preamble-lf", b"x\n" + OK, (HELLO,)),
    Case("preamble-nearly-boundary", b"-\r\n--A\r\n --B\r\n" + OK, (HELLO,)),
    Case("epilogue", OK + b"anything\r\n--B\r\nat all", (HELLO,)),
    Case("epilogue-endless-line", OK + b"x" * 70_000, (HELLO,)),
    Case("padding", b"--B \t\r\nA: b\r\n\r\nhello\r\n--B-- \t \r\n", (HELLO,)),
    Case("no-fields", part(head=b"") + END, (((), b"hello"),)),
    Case("empty", part(b"") + END, ((A, b""),)),
    Case("empty-without-line-end", b"--B\r\nA: b\r\n\r\n--B--\r\n", ((A, b""),)),
    Case("nothing-at-all", b"--B\r\n\r\n--B\r\n\r\n--B--", (((), b""), ((), b""))),
    Case("no-part", END, ()),
    Case("line-ends-in-body", part(b"\r\n\r\n\n\r") + END, ((A, b"\r\n\r\n\n\r"),)),
    Case("boundary-without-line-end-before", part(b"x--B--\r\ny\n--B--\n") + END, ((A, b"x--B--\r\ny\n--B--\n"),)),
    Case("nearly-boundary", part(b"\r\n--\r\n--C\r\n-B\r\r\n--A") + END, ((A, b"\r\n--\r\n--C\r\n-B\r\r\n--A"),)),
    Case("body-all-bytes", part(bytes(range(256))) + END, ((A, bytes(range(256))),)),
    Case("field-utf-8", part(head=b"A: \xc3\xa9\xff\r\n") + END, (((("A", "\xe9\udcff"),), b"hello"),)),
    Case("field-blanks", part(head=b"A:  \t b \t\r\n") + END, (HELLO,)),
    Case("field-empty", part(head=b"A:\r\n") + END, (((("A", ""),), b"hello"),)),
    Case("field-folded", part(head=b"A: b;\r\n\tc\r\n  d\r\n") + END, (((("A", "b; c d"),), b"hello"),)),
    Case("field-twice", part(head=b"A: b\r\na: c\r\n") + END, (((("A", "b"), ("a", "c")), b"hello"),)),
    Case("quoted-boundary", b'--a b"\r\n\r\nx\r\n--a b"--', (((), b"x"),), 'multipart/mixed; boundary="a b\\""'),
    Case("capital-type", OK, (HELLO,), "Multipart/MIXED; Boundary=B"),
    Case("boundary-of-70", b"--" + b"x" * 70 + b"--", (), f"multipart/mixed; boundary={'x' * 70}"),
    # Counted parts
    Case("length", part(head=b"Content-Length: 5\r\n") + END, (((("Content-Length", "5"),), b"hello"),)),
    Case(
        "length-over-boundary",
        part(b"a\r\n--B\r\n\r\nb", b"Content-Length: 11\r\n") + END,
        (((("Content-Length", "11"),), b"a\r\n--B\r\n\r\nb"),),
    ),
    Case("length-0", part(b"", head=b"Content-Length: 0\r\n") + END, (((("Content-Length", "0"),), b""),)),
    Case(
        "length-0-without-line-end",
        b"--B\r\nContent-Length: 0\r\n\r\n--B--",
        (((("Content-Length", "0"),), b""),),
    ),
    Case("length-in-form", part(head=b"Content-Length: 3\r\n") + END, (((("Content-Length", "3"),), b"hello"),), FORM),
    Case("length-short", part(head=b"Content-Length: 4\r\n") + END, ("ValueError",)),
    Case("length-long", part(head=b"Content-Length: 6\r\n") + END, ("ValueError",)),
    Case("length-beyond", part(head=b"Content-Length: 5000\r\n") + END, ("ValueError",)),
    Case(
        "length-before-line",
        part(b"hello\r\nx", b"Content-Length: 5\r\n") + END,
        (((("Content-Length", "5"),), b"hello"), "ValueError"),
    ),
    *(
        Case(f"length-{id}", part(head=b"Content-Length: " + text + b"\r\n") + END, ("ValueError",))
        for id, text in {
            "sign": b"+5",
            "minus": b"-5",
            "hex": b"0x5",
            "letters": b"five",
            "empty": b"",
            "blank": b"5 5",
            "not-ascii": "٥".encode(),
            "huge": b"9" * 5000,
        }.items()
    ),
    # Within one another
    Case("nested", nested(b"--I\r\nA: b\r\n\r\nhello\r\n--I--"), ((INNER_FIELDS, [HELLO]), ((("A", "b"),), b"last"))),
    Case("nested-line-end", nested(b"--I--\r\n"), ((INNER_FIELDS, []), (A, b"last"))),
    Case("nested-epilogue", nested(b"--I--\r\nx\r\n--I\r\n"), ((INNER_FIELDS, []), (A, b"last"))),
    Case("nested-open", nested(b"--I\r\nA: b\r\n\r\nhello"), ((INNER_FIELDS, ["ValueError"]), (A, b"last"))),
    Case("nested-in-its-head", nested(b"--I\r\nA: b"), ((INNER_FIELDS, ["ValueError"]), (A, b"last"))),
    Case("nested-empty", nested(b""), ((INNER_FIELDS, ["ValueError"]), (A, b"last"))),
    Case("nested-without-boundary", part(b"", b"Content-Type: multipart/x\r\n") + END, ("ValueError",)),
    Case(
        "nested-same-boundary",
        part(b"--B\r\n\r\nx", b"Content-Type: multipart/mixed; boundary=B\r\n") + END,
        (((("Content-Type", "multipart/mixed; boundary=B"),), ["ValueError"]), ((), b"x")),
    ),
    # Cut short
    *(
        Case(f"cut-{id}", body, expected)
        for id, body, expected in (
            ("everything", b"", ("ValueError",)),
            ("in-first-boundary", b"--", ("ValueError",)),
            ("behind-first-boundary", b"--B", ("ValueError",)),
            ("behind-first-line", b"--B\r\n", ("ValueError",)),
            ("in-field", b"--B\r\nA: b", ("ValueError",)),
            ("behind-field", b"--B\r\nA: b\r\n", ("ValueError",)),
            ("behind-fields", b"--B\r\nA: b\r\n\r\n", ("ValueError",)),
            ("in-body", b"--B\r\nA: b\r\n\r\nhel", ("ValueError",)),
            ("in-line-end", b"--B\r\nA: b\r\n\r\nhello\r", ("ValueError",)),
            ("in-boundary", b"--B\r\nA: b\r\n\r\nhello\r\n-", ("ValueError",)),
            ("behind-boundary", b"--B\r\nA: b\r\n\r\nhello\r\n--B", (HELLO, "ValueError")),
            ("in-close", b"--B\r\nA: b\r\n\r\nhello\r\n--B-", (HELLO, "ValueError")),
            ("before-close", b"--B\r\nA: b\r\n\r\nhello\r\n--B\r\n", (HELLO, "ValueError")),
        )
    ),
    # Junk
    Case("junk", b"junk", ("ValueError",)),
    Case("junk-lines", b"junk\r\n" * 1000, ("ValueError",)),
    Case("boundary-in-line", b"x--B\r\n\r\nhello\r\n", ("ValueError",)),
    Case("junk-behind-first-boundary", b"--Bjunk\r\nA: b\r\n\r\nx\r\n--B--", ("ValueError",)),
    Case("junk-behind-boundary", part() + b"--Bjunk\r\nA: b\r\n\r\nx\r\n--B--", (HELLO, "ValueError")),
    Case("junk-behind-close", part() + b"--B--junk\r\n", (HELLO, "ValueError")),
    Case("hyphen-behind-close", part() + b"--B---\r\n", (HELLO, "ValueError")),
    Case("half-close", part() + b"--B-\r\n\r\n\r\n--B--", (HELLO, "ValueError")),
    Case("bare-lf", OK.replace(b"\r\n", b"\n"), ("ValueError",)),
    Case("lf-behind-boundary", b"--B\nA: b\r\n\r\nhello\r\n--B--", ("ValueError",)),
    Case("lf-before-boundary", b"--B\r\nA: b\r\n\r\nhello\n--B--\r\n", ("ValueError",)),
    Case("cr-before-boundary", b"--B\r\nA: b\r\n\r\nhello\r--B--\r\n", ("ValueError",)),
    Case("lf-between-fields", part(head=b"A: b\nC: d\r\n") + END, ("InvalidHeader",)),
    Case("no-empty-line", b"--B\r\nA: b\r\n--B--\r\n\r\n", ("InvalidHeader",)),
    # Fields
    *(
        Case(f"field-{id}", part(head=field + b"\r\n") + END, ("InvalidHeader",))
        for id, field in {
            "without-colon": b"nocolon",
            "without-name": b": b",
            "with-blank-in-name": b"A b: c",
            "with-blank-before-colon": b"A : c",
            "folded-first": b" A: b",
            "nul": b"A: b\0c",
            "nul-in-name": b"A\0: b",
            "cr": b"A: b\rc",
            "cr-at-end": b"A: b\r",
            "control": b"A: \x01",
            "delete": b"A: \x7f",
            "not-ascii-name": b"\xc3\xa9: b",
        }.items()
    ),
    Case("field-size", part(head=b"A: " + b"x" * 8189 + b"\r\n") + END, (((("A", "x" * 8189),), b"hello"),)),
    Case("field-too-long", part(head=b"A: " + b"x" * 8190 + b"\r\n") + END, ("LineTooLong",)),
    Case("field-name-too-long", part(head=b"A" * 8190 + b": x\r\n") + END, ("LineTooLong",)),
    Case("field-far-too-long", part(head=b"A: " + b"x" * 200_000 + b"\r\n") + END, ("LineTooLong",)),
    Case("field-endless", b"--B\r\nA: " + b"x" * 200_000, ("LineTooLong",)),
    Case("padding-endless", b"--B" + b" " * 200_000, ("LineTooLong",)),
    Case("close-padding-endless", b"--B--" + b" " * 200_000, ("LineTooLong",)),
    Case("field-folded-too-long", part(head=b"A: b" + b"\r\n " + b"x" * 8190 + b"\r\n") + END, ("LineTooLong",)),
    Case("fields-together", part(head=(b"A: " + b"x" * 8000 + b"\r\n") * 9) + END, ("LineTooLong",)),
    Case("fields-128", part(head=b"A: b\r\n" * 128) + END, (((("A", "b"),) * 128, b"hello"),)),
    Case("fields-129", part(head=b"A: b\r\n" * 129) + END, ("TooManyHeaders",)),
    Case("fields-option", part(head=b"A: b\r\n" * 3) + END, ("TooManyHeaders",), options=(("max_headers", 2),)),
    Case("field-option", part(head=b"A: 1234567890\r\n") + END, ("LineTooLong",), options=(("max_field_size", 10),)),
    Case("part-size", OK, (HELLO,), options=(("client_max_size", 5),)),
    Case("part-too-large", OK, ("ValueError",), options=(("client_max_size", 4),)),
    Case(
        "counted-part-too-large",
        part(head=b"Content-Length: 5\r\n") + END,
        ("ValueError",),
        MIXED,
        (("client_max_size", 4),),
    ),
    # A form's charset
    Case(
        "charset",
        part(b"latin1", b'Content-Disposition: form-data; name="_charset_"\r\n') + part() + END,
        (HELLO,),
        FORM,
    ),
    Case(
        "charset-not-in-mixed",
        part(b"latin1", b'Content-Disposition: form-data; name="_charset_"\r\n') + END,
        (((("Content-Disposition", 'form-data; name="_charset_"'),), b"latin1"),),
    ),
    Case(
        "charset-too-long",
        part(b"x" * 32, b'Content-Disposition: form-data; name="_charset_"\r\n') + part() + END,
        ("RuntimeError",),
        FORM,
    ),
]
