"""An annotation is one line, whatever the message holds."""

from rewriter.errors import Place
from rewriter.report.github import annotation
from rewriter.report.message import Message


def test_what_would_end_a_property_or_the_line_is_escaped():
    message = Message(
        "warning", "unseen", "100%\r\nsure: a, b", "a:b,c.jinja", Place(3, 7, "x"), hint="do, it"
    )
    assert annotation(message) == (
        "::warning file=a%3Ab%2Cc.jinja,line=3,col=7,title=unseen::100%25%0D%0Asure: a, b%0Ado, it"
    )
