"""``multipart/form-data``: the parts of a form, read from the whole body; the parser bounds their headers."""

from __future__ import annotations

from dataclasses import dataclass, field

from headstart.serving.refusals import malformed, too_large


@dataclass
class Field:
    """One part of a form.

    Attributes:
        name: Of the field.
        filename: What the sender calls the file, None where it is no file. Never used as a path.
        content: Its bytes.
    """

    name: str = ""
    filename: str | None = None
    content: bytes = b""


@dataclass
class _Reader:
    most: int
    fields: list[Field] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    header: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    is_whole: bool = False

    def begin(self) -> None:
        if len(self.fields) >= self.most:
            raise too_large(f"a form may have at most {self.most} parts.")
        self.fields.append(Field())
        self.pieces = []

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self.header.extend(data[start:end])

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self.value.extend(data[start:end])

    def header_end(self) -> None:
        if bytes(self.header).lower() == b"content-disposition":
            self._disposition(bytes(self.value))
        self.header.clear()
        self.value.clear()

    def data(self, data: bytes, start: int, end: int) -> None:
        self.pieces.append(data[start:end])

    def end_part(self) -> None:
        self.fields[-1].content = self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)

    def finish(self) -> None:
        self.is_whole = True

    def _disposition(self, value: bytes) -> None:
        from python_multipart.multipart import parse_options_header

        _, options = parse_options_header(value)
        self.fields[-1].name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in options:
            self.fields[-1].filename = options[b"filename"].decode("utf-8", "replace")


def fields_of(body: bytes, content_type: str, most: int) -> list[Field]:
    """The parts of a form, in order.

    Args:
        body: Of the request, whole.
        content_type: With the boundary.
        most: Parts that are allowed.

    Raises:
        Refusal: 400, it is no such form or ends too early; 413, more parts.
    """
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header

    _, options = parse_options_header(content_type.encode("latin-1", "replace"))
    if not (boundary := options.get(b"boundary")):
        raise malformed("a form must state its boundary in Content-Type.")
    reader = _Reader(most)
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": reader.begin,
            "on_header_field": reader.header_field,
            "on_header_value": reader.header_value,
            "on_header_end": reader.header_end,
            "on_part_data": reader.data,
            "on_part_end": reader.end_part,
            "on_end": reader.finish,
        },
    )
    try:
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise malformed("the body must be the form that Content-Type states; it does not parse.") from None
    if not reader.is_whole:
        raise malformed("the form ends before its last boundary.")
    return reader.fields
