"""Imports the data views, searches and dashboards of this folder into a Kibana.

They have fixed ids and replace themselves, so that a second import brings them up to date.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsdex.kibana.client import Access, Asker, KibanaError
from newsdex.retry import KIBANA_START

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = Path(__file__).resolve().parent
"""Where the saved objects lie."""

MADE_FOR = "articles"
"""The index (alias) that the files name."""

FILES = ("news.ndjson", "pipeline.ndjson")

ID_PREFIX = "newsdex-"
"""What every id in those files begins with; it occurs nowhere else in them."""

START_WAIT_S = 300.0
"""A first start, which makes Kibana's own indices, takes one to three minutes on a small machine."""

OLDEST = (8, 19)
"""The version whose shape of saved objects the files have: an older Kibana refuses them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did."""

    url: str
    version: str
    """Of Kibana; `unknown` where it does not say."""
    objects: int
    dashboards: dict[str, str]
    """Title → address."""


def import_objects(
    access: Access,
    index: str,
    *,
    wait: float = START_WAIT_S,
    pause: float = KIBANA_START.first_pause,
    beside: bool = False,
    step: Callable[[str, int, int | None, str], None] = lambda *_: None,
) -> Imported:
    """Wait until Kibana is up, check that it fits, and import everything; a second import changes nothing.

    Args:
        access: which Kibana.
        index: name of the index of articles that the dashboards are to show.
        wait: seconds to wait for a Kibana that is starting.
        pause: seconds between two looks.
        beside: import even where there are data views of these indices under other ids.
        step: told how long the wait has been.

    Raises:
        KibanaError: whatever prevents it, in one sentence; nothing was imported unless the sentence says so.
    """
    objects = saved_objects(index)
    with access.client() as client:
        ask = Asker(client, access.url, time.monotonic() + wait, pause, step)
        version = _version(ask)
        if not beside:
            _check_for_other_views(ask, objects)
        text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects)
        answer = ask(
            "POST",
            "/api/saved_objects/_import",
            params={"overwrite": "true"},
            files={"file": ("newsdex.ndjson", text.encode(), "application/ndjson")},
        )
        _check(answer, len(objects))
        return Imported(
            url=access.url,
            version=version,
            objects=len(objects),
            dashboards={
                each["attributes"]["title"]: f"{str(client.base_url).rstrip('/')}/app/dashboards#/view/{each['id']}"
                for each in objects
                if each["type"] == "dashboard"
            },
        )


def saved_objects(index: str) -> list[dict[str, Any]]:
    """Return the saved objects for an index of this name; those for another name lie beside them.

    Raises:
        KibanaError: the files are not there.
    """
    try:
        text = "".join((FOLDER / name).read_text(encoding="utf-8") for name in FILES)
    except FileNotFoundError as error:
        raise KibanaError(f"There is no {error.filename}: install Newsdex again.") from error
    own = index == MADE_FOR
    if not own:
        text = text.replace(ID_PREFIX, f"{ID_PREFIX}{index}-")
    objects: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    for each in objects if not own else ():
        attributes = each["attributes"]
        if each["type"] == "index-pattern":
            names = attributes["title"].split(",")
            attributes["title"] = ",".join(index + name.removeprefix(MADE_FOR) for name in names)
            attributes["name"] += f" ({index})"
        else:
            attributes["title"] += f" ({index})"
    return objects


def _version(ask: Asker) -> str:
    """Return Kibana's version, once it is ready to work, if it is one that can read the files."""
    version = str(ask("GET", "/api/status").get("version", {}).get("number", "unknown"))
    try:
        major, minor = (int(part) for part in version.split(".")[:2])
    except ValueError:
        return version
    if (major, minor) < OLDEST:
        raise KibanaError(
            f"This Kibana is {version}; the dashboards are for {OLDEST[0]}.{OLDEST[1]} and later: upgrade Kibana."
        )
    return version


def _check_for_other_views(ask: Asker, objects: list[dict[str, Any]]) -> None:
    """Look for data views of the same indices under other ids, which would stand beside ours.

    Raises:
        KibanaError: there is one.
    """
    ours = {each["attributes"]["title"]: each["id"] for each in objects if each["type"] == "index-pattern"}
    for each in ask("GET", "/api/data_views").get("data_view", ()):
        if ours.get(each.get("title"), each["id"]) != each["id"]:
            raise KibanaError(
                f"Kibana has a data view of {each['title']!r} under another id ({each['id']}, named "
                f"{each.get('name') or each['title']!r}): delete it under Stack Management → Data Views, or import "
                "with --beside to have both."
            )


def _check(answer: Any, expected: int) -> None:  # noqa: ANN401  # JSON
    """Hold an import to its answer: HTTP 200 alone does not mean that it was done."""
    refused = list(_refused(answer))
    done = answer.get("successCount", 0)
    if answer.get("success") is not True or refused or done != expected:
        what = "; ".join(refused) or "it does not say why"
        raise KibanaError(f"Kibana took in {done} of {expected} objects. Refused: {what}.")


def _refused(answer: Any) -> Iterator[str]:  # noqa: ANN401  # JSON
    for each in answer.get("errors") or ():
        fault = each.get("error", {})
        missing = ", ".join(f"{ref.get('type')} {ref.get('id')}" for ref in fault.get("references", ()))
        why = fault.get("message") or missing or "no reason given"
        yield f"{each.get('type')} {each.get('id')} ({fault.get('type', 'unknown')}: {why})"
