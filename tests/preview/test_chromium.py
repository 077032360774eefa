"""The headless browser: found, driven, and gone at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from dashgen.preview.chromium import PREFIX, Chromium, ChromiumError, Page
from dashgen.preview.chromium_paths import find
from dashgen.preview.errors import PreviewError

ROOT = Path(__file__).resolve().parents[2]


def _program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\necho 'libfancy.so is missing' >&2\nexit 3\n")
    path.chmod(0o755)
    return path


def _document(body: str, head: str = "") -> str:
    return "data:text/html," + quote(f"<!doctype html>{head}<body style='margin:0'>{body}")


def test_the_one_that_is_named_comes_first(tmp_path: Path) -> None:
    named, other, on_path = (_program(tmp_path / name) for name in ("a/one", "a/two", "bin/chromium"))
    environment = {"PATH": str(on_path.parent), "HOME": str(tmp_path), "DASHGEN_CHROMIUM": str(other)}
    assert find(named, environment) == named
    assert find(None, environment) == other
    assert find(None, {**environment, "DASHGEN_CHROMIUM": ""}) == on_path


def test_the_newest_of_playwrights_is_found(tmp_path: Path) -> None:
    cache = tmp_path / ".cache" / "ms-playwright"
    _program(cache / "chromium-990" / "chrome-linux" / "chrome")
    newest = _program(cache / "chromium-1181" / "chrome-linux" / "chrome")
    environment = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    assert find(None, environment) == newest
    shell = _program(tmp_path / "own" / "chromium_headless_shell-1181" / "chrome-linux" / "headless_shell")
    assert find(None, {**environment, "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "own")}) == shell


def test_where_there_is_none_the_commands_are_named(tmp_path: Path) -> None:
    with pytest.raises(PreviewError, match="there is no Chromium") as raised:
        find(None, {"PATH": str(tmp_path), "HOME": str(tmp_path)})
    assert "apt-get install chromium" in raised.value.hint
    assert "playwright install chromium" in raised.value.hint
    with pytest.raises(PreviewError, match=r"--chromium: .*nowhere is not an executable program"):
        find(tmp_path / "nowhere")


def test_what_a_program_says_that_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(ChromiumError, match=r"libfancy\.so is missing"), Chromium(_program(tmp_path / "broken")):
        pass


def test_a_page_is_driven(page: Page) -> None:
    page.go(_document("<input id=i><p id=p onclick=\"this.textContent='clicked'\">text</p>"))
    page.wait("document.querySelector('#i')")
    page.click("#i")
    page.type("a name")
    assert page.evaluate("document.querySelector('#i').value") == "a name"
    page.click("#p")
    assert page.evaluate("document.querySelector('#p').textContent") == "clicked"
    with pytest.raises(ChromiumError, match="there is no '#gone'"):
        page.click("#gone")
    with pytest.raises(ChromiumError, match="ReferenceError"):
        page.evaluate("nothing")
    with pytest.raises(ChromiumError, match=r"'1 > 2' was not true within 0\.1 s"):
        page.wait("1 > 2", 0.1)


def test_what_a_page_does_is_kept(page: Page) -> None:
    page.go(_document("<script>console.log('said', 1); alert('stop'); throw new Error('broken')</script>"))
    page.wait("document.readyState === 'complete'")
    assert page.dialogs == ["stop"]
    assert "said 1" in page.console
    assert any("broken" in error for error in page.errors)
    policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">"
    page.go(_document("<img src=http://127.0.0.1:9000/x>", policy))
    page.wait("window.__violations.length === 2")
    assert page.blocked == ["http://127.0.0.1:9000/x"]
    assert page.violations == ["style-src-attr inline", "img-src http://127.0.0.1:9000/x"]


def test_nothing_outside_this_machine_is_reached(page: Page) -> None:
    with pytest.raises(ChromiumError, match="ERR_NAME_NOT_RESOLVED"):
        page.go("http://example.com/")


def test_a_picture_has_the_size_of_the_document(chromium: Chromium) -> None:
    with chromium.page(400, 100) as page:
        page.go(_document("<div style='height:321px;background:red'></div>"))
        page.wait("document.readyState === 'complete'")
        whole, window = page.screenshot(), page.screenshot(full=False)
        assert page.screenshot() == whole
    assert _size(whole) == (400, 321)
    assert _size(window) == (400, 100)


def test_a_picture_lays_nothing_out_for_another_width(chromium: Chromium) -> None:
    """A page that draws itself for the width that it sees would be caught while it does so."""
    seen = "<script>widths = []; addEventListener('resize', () => widths.push(innerWidth))</script>"
    with chromium.page(1400, 300) as page:
        page.go(_document("<div style='height:1321px;background:red'></div>", seen))
        page.wait("document.readyState === 'complete'")
        for full in (True, False, True):
            page.screenshot(full=full)
        page.wait("innerHeight === 300")
        assert set(page.evaluate("[...widths, innerWidth]")) == {1400}


def _size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def test_pages_share_no_cookies(chromium: Chromium) -> None:
    with chromium.page() as one, chromium.page() as other:
        assert one._context != other._context


_KILLED = """
import sys, time
from dashgen.preview.chromium import Chromium
browser = Chromium().__enter__()
browser.page()
print(browser.pid, browser._profile.path, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux does it")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_its_parent(chromium: Chromium, number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", _KILLED], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid, profile = parent.stdout.readline().split()
        os.kill(parent.pid, number)
        parent.wait(120)
    deadline = time.monotonic() + 120
    while _lives(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(int(pid))
    if number is signal.SIGTERM:
        assert not Path(profile).exists()
    assert Path(profile).name.startswith(PREFIX)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
