"""The temporary Prefect server of a run at a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.slow

STARTS_A_SERVER = """
import sys, time
from pathlib import Path
from newsdex.flows.service import prefect_server
home = Path(sys.argv[1])
prefect_server.configure(home, quiet=True)
with prefect_server.server(home) as address:
    print(address, flush=True)
    time.sleep(600)
"""


def test_it_ends_with_a_run_that_was_killed(tmp_path: Path) -> None:
    """A SIGKILL leaves nobody to stop the server: it stops by itself."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    run = subprocess.Popen(
        [sys.executable, "-c", STARTS_A_SERVER, str(tmp_path)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    with run.stdout:
        assert run.stdout.readline().startswith("http://127.0.0.1:")
    (server,) = psutil.Process(run.pid).children()
    run.kill()
    run.wait()
    server.wait(30)
    assert not server.is_running()
