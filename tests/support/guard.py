"""Ends the suite's Elasticsearch when the suite has ended without doing so: `python -m support.guard PID HOME`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil

from support.node import end

LOOK_EVERY_S = 1


def main() -> None:
    """Wait until the process is gone, or the node's home is: then the suite has cleaned up by itself."""
    pid, home = int(sys.argv[1]), Path(sys.argv[2])
    while psutil.pid_exists(pid):
        if not home.exists():
            return
        time.sleep(LOOK_EVERY_S)
    if home.exists():
        end(home)


if __name__ == "__main__":
    main()
