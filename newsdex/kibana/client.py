"""Kibana over HTTP: where it is, who asks, waiting until it is up, and every refusal in one sentence."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from newsdex.errors import NewsdexError
from newsdex.retry import KIBANA_START, retry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import httpx

DEFAULT_URL = "http://127.0.0.1:5601"

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""A proxy that the environment names is for other machines."""

ANSWER_S = 60.0
"""Seconds for one answer; an import of a hundred objects takes two or three."""

STARTING = frozenset({429, 502, 503, 504})
"""Answers of a Kibana that is still starting, is busy, or sits behind a proxy that does not see it yet."""


class KibanaError(NewsdexError):
    """The import cannot be done or was not done in full; the message is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where Kibana is and as whom to ask it: an API key, or a user and a password."""

    url: str = DEFAULT_URL
    api_key: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_certs: Path | None = None
    space: str | None = None
    """The space to import into; `None` means the default one."""

    def client(self) -> httpx.Client:
        """Return an HTTP client for this Kibana.

        Raises:
            KibanaError: the address or the certificate file cannot be used.
        """
        import httpx  # noqa: PLC0415  # a tenth of a second, only for a command that asks Kibana

        address = self.url.rstrip("/") + (f"/s/{self.space}" if self.space else "")
        try:
            parts = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise KibanaError(f"{self.url!r} is no address of a Kibana ({error}): give one with --url.") from error
        if parts.userinfo:
            raise KibanaError("Keep the user out of Kibana's address: give --username and --password, or --api-key.")
        if parts.scheme not in {"http", "https"} or not parts.host:
            raise KibanaError(f"{self.url!r} is no address of a Kibana: give one such as {DEFAULT_URL} with --url.")
        if self.ca_certs is not None and not self.ca_certs.is_file():
            raise KibanaError(f"There is no certificate file at {self.ca_certs}: check --ca-certs.")
        headers = {"kbn-xsrf": "newsdex"}
        if self.api_key:
            headers["Authorization"] = f"ApiKey {self.api_key}"
        return httpx.Client(
            base_url=address,
            headers=headers,
            auth=(self.username, self.password or "") if self.username and not self.api_key else None,
            verify=_trusted(self.ca_certs) if self.ca_certs else True,
            trust_env=parts.host not in LOOPBACK,
            timeout=ANSWER_S,
        )


class _StartingError(Exception):
    """Kibana is not up yet; its text says in which state it is."""


class Asker:
    """Sends requests to Kibana, again while it is starting, and turns refusals into sentences."""

    def __init__(
        self,
        client: httpx.Client,
        url: str,
        deadline: float,
        pause: float,
        step: Callable[[str, int, int | None, str], None],
    ) -> None:
        self._client, self._url, self._deadline, self._pause, self._step = client, url, deadline, pause, step
        self._began = time.monotonic()

    def __call__(self, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401  # JSON, and httpx's options
        """Return the JSON of an answer.

        Raises:
            KibanaError: there is none, in one sentence.
        """
        left = max(self._deadline - time.monotonic(), 0)
        policy = replace(KIBANA_START, first_pause=self._pause, longest_pause=self._pause, seconds=left)
        try:
            answer = retry(
                policy,
                lambda: self._answer(method, path, options),
                on=lambda error: isinstance(error, _StartingError),
                sleep=self._wait,
            )
        except _StartingError as state:
            raise KibanaError(
                f"Kibana at {self._url} {state}: start it, give its address with --url, or wait longer with --wait."
            ) from None
        return self._json(answer, path)

    def _answer(self, method: str, path: str, options: Mapping[str, Any]) -> httpx.Response:
        import httpx  # noqa: PLC0415  # see `Access.client`

        try:
            answer = self._client.request(method, path, **options)
        except httpx.RequestError as error:
            if "certificate" in str(error).lower():
                raise KibanaError(
                    f"The certificate of {self._url} is not trusted ({error}): name its authority with --ca-certs."
                ) from error
            raise _StartingError(f"does not answer ({error or type(error).__name__})") from error
        if answer.status_code in STARTING:
            raise _StartingError(f"is not ready (HTTP {answer.status_code}: {_message(answer)})")
        return answer

    def _wait(self, seconds: float) -> None:
        self._step("Waiting for Kibana", int(time.monotonic() - self._began), None, "seconds")
        time.sleep(seconds)

    def _json(self, answer: httpx.Response, path: str) -> Any:  # noqa: ANN401  # JSON
        status, said = answer.status_code, _message(answer)
        if status == 401:
            raise KibanaError(
                f"Kibana at {self._url} does not know this user or API key: give --api-key, or --username and "
                "--password, of a user who may manage saved objects."
            )
        if status == 403:
            raise KibanaError(
                f"Kibana at {self._url} does not let this user do it ({said}): the role needs `Saved Objects "
                "Management: All` in this space. (`kibana_system` is for Kibana itself and cannot import.)"
            )
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict) or (status == 404 and path == "/api/status"):
            raise KibanaError(
                f"What answers at {self._url} is not Kibana (HTTP {status}): give Kibana's address with --url, with "
                "its base path if it has one."
            )
        if status >= 300:
            raise KibanaError(f"Kibana refused {path.rpartition('/')[2]!r} (HTTP {status}): {said}")
        return found


def _message(answer: httpx.Response) -> str:
    """Return what Kibana says of a refusal, or the beginning of whatever answers in its place."""
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return " ".join(answer.text.split())[:200] or answer.reason_phrase


def _trusted(ca_certs: Path) -> Any:  # noqa: ANN401  # ssl is imported late
    import ssl  # noqa: PLC0415  # only where a certificate is named

    try:
        return ssl.create_default_context(cafile=str(ca_certs))
    except ssl.SSLError as error:
        raise KibanaError(f"{ca_certs} is no certificate file (PEM): check --ca-certs.") from error
