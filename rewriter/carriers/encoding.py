"""Which encoding a file is in, and its bytes as text and back without a loss."""

from __future__ import annotations

import io
import tokenize

from rewriter.carriers.files import decoded
from rewriter.errors import BadInput


def python_encoding(content: bytes, name: str) -> str:
    """The encoding that a Python file declares (PEP 263), else UTF-8.

    A byte-order mark is left to be a character of the text, so that it comes back.

    Raises:
        BadInput: it declares one that does not exist, or two.

    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    except SyntaxError as error:
        raise BadInput(f"not Python: {error.msg}", name=name) from error
    return "utf-8" if encoding == "utf-8-sig" else encoding


def text_of(content: bytes, encoding: str, name: str) -> str:
    """The bytes as text that encodes to the same bytes.

    Raises:
        BadInput: they are not in this encoding, or would come back as others.

    """
    if encoding == "utf-8":
        return decoded(content, name)
    try:
        text = content.decode(encoding)
        if text.encode(encoding) == content:
            return text
    except (UnicodeError, LookupError):
        # Python has encodings from bytes to bytes too, such as base64.
        pass
    message = f"the bytes are not text in {encoding}, which the file says it is in"
    raise BadInput(message, name=name, hint="save the file as UTF-8")
