"""Rewrites Jinja chat templates into proven training variants.

The import is light: each function loads what it needs when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rewriter.api import recognise, rewrite, show, verify, verify_marked
    from rewriter.data_audit import audit
    from rewriter.errors import BadInput, Reason, Refused, RewriteError, Stopped
    from rewriter.internal_error import InternalError
    from rewriter.limits import Limits
    from rewriter.report.audited import Audited
    from rewriter.report.shown import Shown
    from rewriter.rewriting.result import Rewrite
    from rewriter.rewriting.unmark import served
    from rewriter.tokens.prefixes import PrefixBreak, PrefixVerdict, prefix_verdicts
    from rewriter.tokens.token_faults import TokenFault, token_faults
    from rewriter.tokens.training_checks import (
        is_chat_template_prefix_preserving,
        is_chat_template_stop_token_trained,
    )
    from rewriter.tracing.conversation import Conversation
    from rewriter.training.cloning import clone_chat_template
    from rewriter.training.templates import (
        apply,
        get_training_chat_template,
        has_generation_markers,
        saved_for_serving,
        supports_tool_calling,
    )
    from rewriter.verification.preconditions.finding import Finding
    from rewriter.verification.report import Failure, Report, VerificationFailed

__version__ = "0.1.0"

__all__ = [
    "Audited",
    "BadInput",
    "Conversation",
    "Failure",
    "Finding",
    "InternalError",
    "Limits",
    "PrefixBreak",
    "PrefixVerdict",
    "Reason",
    "Refused",
    "Report",
    "Rewrite",
    "RewriteError",
    "Shown",
    "Stopped",
    "TokenFault",
    "VerificationFailed",
    "__version__",
    "apply",
    "audit",
    "clone_chat_template",
    "get_training_chat_template",
    "has_generation_markers",
    "is_chat_template_prefix_preserving",
    "is_chat_template_stop_token_trained",
    "prefix_verdicts",
    "recognise",
    "rewrite",
    "saved_for_serving",
    "served",
    "show",
    "supports_tool_calling",
    "token_faults",
    "verify",
    "verify_marked",
]

_HOMES = {
    "Rewrite": "rewriter.rewriting.result",
    "recognise": "rewriter.api",
    "rewrite": "rewriter.api",
    "audit": "rewriter.data_audit",
    "Audited": "rewriter.report.audited",
    "show": "rewriter.api",
    "Shown": "rewriter.report.shown",
    "verify": "rewriter.api",
    "verify_marked": "rewriter.api",
    "BadInput": "rewriter.errors",
    "InternalError": "rewriter.internal_error",
    "Reason": "rewriter.errors",
    "Refused": "rewriter.errors",
    "RewriteError": "rewriter.errors",
    "Stopped": "rewriter.errors",
    "Limits": "rewriter.limits",
    "served": "rewriter.rewriting.unmark",
    "Conversation": "rewriter.tracing.conversation",
    "Failure": "rewriter.verification.report",
    "Finding": "rewriter.verification.preconditions.finding",
    "Report": "rewriter.verification.report",
    "VerificationFailed": "rewriter.verification.report",
    "PrefixBreak": "rewriter.tokens.prefixes",
    "PrefixVerdict": "rewriter.tokens.prefixes",
    "prefix_verdicts": "rewriter.tokens.prefixes",
    "TokenFault": "rewriter.tokens.token_faults",
    "token_faults": "rewriter.tokens.token_faults",
    "is_chat_template_prefix_preserving": "rewriter.tokens.training_checks",
    "is_chat_template_stop_token_trained": "rewriter.tokens.training_checks",
    "supports_tool_calling": "rewriter.training.templates",
    "saved_for_serving": "rewriter.training.templates",
    "has_generation_markers": "rewriter.training.templates",
    "get_training_chat_template": "rewriter.training.templates",
    "clone_chat_template": "rewriter.training.cloning",
    "apply": "rewriter.training.templates",
}


# Hidden from type checkers, which would otherwise accept every name as `Any`.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        from importlib import import_module

        if name == "strategies":
            return import_module(f"{__name__}.{name}")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)
