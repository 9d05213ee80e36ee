"""Notices, without those on what a template makes of messages, which most of them have."""

from typing import Any

from rewriter.verification.notice import ABOUT_MESSAGES, Notice


def of_mask(told: Any) -> tuple[Notice, ...]:
    """The notices of a result, or of a report, on its mask."""
    return tuple(notice for notice in told.notices if notice.id not in ABOUT_MESSAGES)
