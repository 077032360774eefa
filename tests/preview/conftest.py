from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashgen.preview.chromium import Chromium, Page
from dashgen.preview.errors import PreviewError


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """One browser for all tests; each page of it is a context of its own."""
    try:
        browser = Chromium(timeout=120)
    except PreviewError as error:
        pytest.skip(f"{error}: {error.hint}")
    with browser:
        yield browser


@pytest.fixture
def page(chromium: Chromium) -> Iterator[Page]:
    with chromium.page() as opened:
        yield opened
