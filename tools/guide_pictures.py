"""Take the user guide's pictures of the site from a demo's home: `tools/guide_pictures.py FOLDER`.

FOLDER is what `upstander demo --folder FOLDER --no-serve` made. The pictures are written to docs/images, in 64 colours.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
OUT = ROOT / "docs" / "images"
COMMAND = Path(sys.executable).parent / "upstander"
PORT = 8099
AT = f"http://localhost:{PORT}"
COLOURS = 64
WIDE, PHONE = (1100, 800), (320, 640)


@dataclass(frozen=True)
class Shot:
    """One picture: its file, who signs in, the address, and the words of links to follow from there."""

    name: str
    handle: str
    address: str
    follow: tuple[str, ...] = ()
    size: tuple[int, int] = WIDE
    top: str = ""  # words of a heading to begin the picture with


SHOTS = (
    Shot("site-home", "a.merrow", "/"),
    Shot("site-dashboard", "s.okehurst", "/dashboard/"),
    Shot("site-figure", "s.okehurst", "/dashboard/extent/", ("Link to cite",)),
    Shot("site-phone", "s.okehurst", "/dashboard/", size=PHONE),
    Shot("site-surveillance", "k.dunmore", "/surveillance/"),
    Shot("site-maps", "k.dunmore", "/surveillance/", top="Where"),
    Shot("site-deliveries", "r.tarrant", "/deliveries/"),
    Shot("site-report", "r.tarrant", "/deliveries/", ("Ambulance call-outs",)),
    Shot("site-releases", "j.fennimore", "/releases/"),
    Shot("site-attack", "j.fennimore", "/releases/", ("July to September", "The attack")),
    Shot("site-who-may-see", "l.hallow", "/agreements/who-may-see/?dataset=police_incidents"),
    Shot("site-audit", "l.hallow", "/audit/"),
    Shot("site-people", "e.winslade", "/people/"),
)


def main(folder: Path) -> None:
    home = folder / "home"
    with served(home), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for handle in dict.fromkeys(one.handle for one in SHOTS):
            take(browser, handle, home, [one for one in SHOTS if one.handle == handle])
        browser.close()


@contextmanager
def served(home: Path) -> Iterator[None]:
    """The home's site, with nobody else on its port."""
    words = [COMMAND, "serve", "--port", str(PORT), "--home", home]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(8)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def take(browser: Browser, handle: str, home: Path, shots: list[Shot]) -> None:
    """Every picture of one person, in one session."""
    page = browser.new_page(viewport={"width": WIDE[0], "height": WIDE[1]})
    sign_in(page, handle, home)
    for one in shots:
        page.set_viewport_size({"width": one.size[0], "height": one.size[1]})
        page.goto(AT + one.address)
        for words in one.follow:
            page.locator("main").get_by_role("link", name=words).first.click()
            page.wait_for_load_state()
        if one.top:
            page.get_by_role("heading", name=one.top).first.evaluate("one => one.scrollIntoView()")
        page.wait_for_timeout(500)
        write(page.screenshot(), OUT / f"{one.name}.png")
        print(one.name, page.url)
    page.close()


def sign_in(page: Page, handle: str, home: Path) -> None:
    """By what the demo says: its password, and what this person's app shows now."""
    page.goto(f"{AT}/sign-in/")
    told = subprocess.run(
        [COMMAND, "demo", "--folder", home.parent, "--codes"], check=True, capture_output=True, text=True
    ).stdout  # fmt: skip
    own = next(one for one in " ".join(told.split()).split("signs in as ") if one.startswith(handle))
    page.fill("[name=handle]", handle)
    page.fill("[name=password]", told.split("`")[1])
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/code/")
    page.fill("[name=code]", own.partition("code now ")[2][:6])
    page.press("[name=code]", "Enter")
    page.wait_for_url(f"{AT}/")


def write(png: bytes, path: Path) -> None:
    Image.open(BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
