"""Find a file's encoding, and decode its bytes without loss."""

from __future__ import annotations

import io
import tokenize

from rewriter.carriers.files import decoded
from rewriter.errors import BadInput


def python_encoding(content: bytes, name: str) -> str:
    """The encoding that a Python file declares (PEP 263), else UTF-8.

    A byte-order mark stays a character of the text, so that it is written back.

    Raises:
        BadInput: it declares an encoding that does not exist, or two.

    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    except SyntaxError as error:
        raise BadInput(f"not Python: {error.msg}", name=name) from error
    return "utf-8" if encoding == "utf-8-sig" else encoding


def text_of(content: bytes, encoding: str, name: str) -> str:
    """Decode the bytes to text that encodes to the same bytes.

    Raises:
        BadInput: they are not in this encoding, or would be written back differently.

    """
    if encoding == "utf-8":
        return decoded(content, name)
    try:
        text = content.decode(encoding)
        if text.encode(encoding) == content:
            return text
    except (UnicodeError, LookupError):
        # Python also has encodings from bytes to bytes, such as base64.
        pass
    message = f"the bytes are not text in {encoding}, the encoding that the file declares"
    raise BadInput(message, name=name, hint="save the file as UTF-8")
