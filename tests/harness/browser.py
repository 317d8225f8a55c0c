"""Chromium, without a window, and what a page did in it."""

import os
import shutil
from contextlib import contextmanager
from urllib.parse import quote, urlsplit

# Nothing that Chromium does by itself may look for a network.
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def program():
    """Where Chromium is; `None`: nowhere."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def launched():
    # Only where there is a browser.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program(), args=FLAGS, chromium_sandbox=os.geteuid() != 0, timeout=120_000
        )
        yield browser
        browser.close()


class Visitor:
    """A page, and all that went wrong in it."""

    def __init__(self, browser, url, *, width=1280, dark=False, scripts=True):
        self.url, self.root = url, f"{url}/_updraft/console"
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.wrong = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))
        self.page.on("request", self._requested)

    def _said(self, message):
        if message.type in ("error", "warning"):
            self.wrong.append(f"console: {message.text}")

    def _requested(self, request):
        if urlsplit(request.url).netloc != urlsplit(self.url).netloc:
            self.wrong.append(f"request: {request.url}")

    def open(self, *parts, query=""):
        path = "".join(f"/{quote(part, safe='')}" for part in parts)
        answer = self.page.goto(f"{self.root}{path}{query}", wait_until="load")
        assert answer.status == 200, (path, answer.status, answer.text()[:500])
        return self.page

    def overflow(self):
        """By how many pixels the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def closed(self):
        """Nothing went wrong, up to the end."""
        self.context.close()
        assert self.wrong == []


@contextmanager
def visits(browser, url):
    """Opens windows; at the end nothing has gone wrong in any."""
    made = []

    def make(**settings):
        made.append(Visitor(browser, url, **settings))
        return made[-1]

    yield make
    for visitor in made:
        visitor.closed()
