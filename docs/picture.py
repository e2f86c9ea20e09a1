"""Draw README's picture: what `newsdex demo` prints, as it prints it. `python docs/picture.py`."""

from __future__ import annotations

import re
from pathlib import Path

from rich.console import Console

from newsdex.cli import demo
from newsdex.cli.views import report, search
from newsdex.flows.common.progress import Silent

PICTURE = Path(__file__).resolve().parent / "images" / "demo.svg"
WIDTH = 110
"""Characters: wide enough for four facets side by side."""


def main() -> None:
    """Run the demonstration on a console that keeps a picture."""
    console = Console(record=True, width=WIDTH, force_terminal=True)
    for module in (demo, report, search):
        module.out = console
    report.command = lambda: ".venv/bin/newsdex"
    demo.run_demo(demo.demo_settings(), Silent())
    svg = console.export_svg(title="make demo")
    # rich's picture loads a font from elsewhere; the reader's own monospaced one does as well.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
