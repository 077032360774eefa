"""python -m dashgen.reference      writes docs/reference/ anew, and removes pages that are no longer made."""

from __future__ import annotations

from pathlib import Path

from dashgen.reference.pages import documents

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = documents()
    for path in FOLDER.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
