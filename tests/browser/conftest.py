"""A headless Chromium, the system's own, and the pages that are opened in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from rewriter.picture.drawing import drawn
from rewriter.report.page.page import page
from rewriter.rewriting.request import Request
from tests.verification.chatml import ORIGINAL

Open = Callable[..., Any]
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, map(which, NAMES)), None), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "chat.html"
    path.write_text(page(drawn(Request(ORIGINAL, "strict"), "chat.jinja")))
    return path


@pytest.fixture
def opened(chromium: Any, file: Path) -> Iterator[Open]:
    """Opens the page; fails once it says anything on the console, or asks for anything."""
    said: list[str] = []
    asked: list[str] = []
    contexts = []

    def open_(*, width: int = 1440, theme: str = "light", **options: Any) -> Any:
        viewport = {"width": width, "height": 900}
        context = chromium.new_context(
            viewport=viewport, color_scheme=theme, reduced_motion="reduce", **options
        )
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(file.as_uri())
        return tab

    yield open_
    for context in contexts:
        context.close()
    assert said == []
    assert {each for each in asked if not each.startswith("data:")} <= {file.as_uri()}
