"""An S3 server on loopback for tests, reached as a user would have it reached: through the environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

SECRET = "not-to-be-printed"  # noqa: S105  # that is what it is
"""The secret key of whoever asks."""


@dataclass(frozen=True)
class ObjectStore:
    """A running server with no bucket yet."""

    client: Any
    """What looks into it, of Amazon's own library."""

    def keys(self, bucket: str) -> list[str]:
        """Return the names of all objects of a bucket."""
        return [each["Key"] for each in self.client.list_objects_v2(Bucket=bucket).get("Contents", [])]

    @contextmanager
    def away(self) -> Iterator[None]:
        """Let nothing answer where the store is said to be, for the length of the block."""
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
            patched.setenv("AWS_MAX_ATTEMPTS", "1")
            _forget_connections()
            yield
        _forget_connections()


def _forget_connections() -> None:
    """Have the next request look at the environment anew, as a new process does."""
    import s3fs  # noqa: PLC0415  # only where it is needed

    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def object_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    """Yield an S3 server that this process, and those that it starts, take for S3."""
    import boto3  # noqa: PLC0415  # only where it is needed
    import httpx  # noqa: PLC0415
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    httpx.post(f"{endpoint}/moto-api/reset")  # servers of one process have one memory
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
    }.items():
        monkeypatch.setenv(name, value)
    _forget_connections()
    yield ObjectStore(boto3.client("s3", endpoint_url=endpoint))
    _forget_connections()
    server.stop()
