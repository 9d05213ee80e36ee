"""Rewrites Jinja chat templates into proven training variants.

The functions load what they need when they are first used; the import itself is light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rewriter.api import Rewrite, recognise, rewrite, verify
    from rewriter.errors import BadInput, Refused, RewriteError
    from rewriter.verification.report import Failure, Report, VerificationFailed

__version__ = "0.1.0"

__all__ = [
    "BadInput",
    "Failure",
    "Refused",
    "Report",
    "Rewrite",
    "RewriteError",
    "VerificationFailed",
    "__version__",
    "recognise",
    "rewrite",
    "verify",
]

_HOMES = {
    "Rewrite": "rewriter.api",
    "recognise": "rewriter.api",
    "rewrite": "rewriter.api",
    "verify": "rewriter.api",
    "BadInput": "rewriter.errors",
    "Refused": "rewriter.errors",
    "RewriteError": "rewriter.errors",
    "Failure": "rewriter.verification.report",
    "Report": "rewriter.verification.report",
    "VerificationFailed": "rewriter.verification.report",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
