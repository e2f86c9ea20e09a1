"""What Newsdex writes for itself is closed to other users, and a denial says whose it is."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path

import pytest

from newsdex.flows.common.explain import error_sentence
from newsdex.private_files import close_home, make_private, open_private
from newsdex.readers.files.blobs import blobs_at

STRANGER = 65_534
"""The user `nobody`."""


def mode(path: Path) -> int:
    """Return the permissions of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def open_umask() -> None:
    """Let nothing be closed by the umask alone."""
    os.umask(0o022)


def test_folders_and_files_are_closed(tmp_path: Path) -> None:
    """The place itself, the folders in it, and what is written there."""
    blobs_at(tmp_path / "archive").write("2019-01-14/a.warc.gz", [b"text"])
    assert mode(tmp_path / "archive" / "2019-01-14") == 0o700
    assert mode(tmp_path / "archive" / "2019-01-14" / "a.warc.gz") == 0o600
    assert mode(tmp_path / "archive") & 0o066 == 0


def test_what_was_left_open_is_closed(tmp_path: Path) -> None:
    """The rooms of a home that an older version made; other folders there are none of ours."""
    for name in ("staging", "archive", "mine"):
        (tmp_path / name).mkdir()
    close_home(tmp_path)
    assert [mode(tmp_path / name) for name in ("staging", "archive", "mine")] == [0o700, 0o700, 0o755]


def test_a_file_is_written_anew_in_its_place(tmp_path: Path) -> None:
    """Once more, and closed."""
    for text in (b"one and more", b"two"):
        with open_private(tmp_path / "a") as file:
            file.write(text)
    assert (tmp_path / "a").read_bytes() == b"two"
    assert mode(tmp_path / "a") == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can act as another user")
def test_two_users_of_one_home_are_told_whose_it_is() -> None:
    """The second one gets a sentence with the path, the owner and the way out, not a stack of calls."""
    above = Path(tempfile.mkdtemp(prefix="newsdex-test-"))  # pytest's own folder is closed to others
    above.chmod(0o755)
    home = above / "home"
    make_private(home)
    os.seteuid(STRANGER)
    try:
        with pytest.raises(OSError, match="Permission denied") as denied:
            blobs_at(home / "staging" / "articles").write("a", [b"text"])
        said = error_sentence(denied.value)
    finally:
        os.seteuid(0)
        shutil.rmtree(above)
    assert said is not None
    assert said.startswith(f"Permission denied ({home}")
    assert f"{home} belongs to root, and this is nobody" in said
    assert "NEWSDEX_HOME" in said
