"""Keep `newsdex/versions.toml` true to the code: `python -m tools.versions`. A test says when that is to be done.

Of the pipeline and the readers two digests are kept. `code` is one of their modules without comments and docstrings,
and of their tables; where it differs, the test asks for this program. `outcome` is one of what the samples become;
where that differs, this program raises the version. A change that matters and that no sample shows is told with
`--raise pipeline` or `--raise readers`. Of a mapping there is one digest, of the mapping itself.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import io
import json
import tempfile
import tokenize
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import Article, RawArticle, Rejection

ROOT = Path(__file__).resolve().parents[1]

TABLE = ROOT / "newsdex" / "versions.toml"

CODE = {
    "pipeline": ("transforms", "newsdex/models"),
    "readers": (
        "newsdex/readers/files",
        "newsdex/readers/formats",
        "newsdex/readers/records",
        "newsdex/readers/read.py",
        "newsdex/readers/split.py",
    ),
}
"""What decides how an article comes out. The weights of the model are in a version of their own."""

OF_THE_PLACE = ("input_uri", "pipeline_version", "raw")
"""Fields of an article that are not its own: where it lies, and what is decided here."""

HEAD = "# Written by `python -m tools.versions` from the code; see its docstring before you change a version by hand.\n"


def code_digests() -> dict[str, str]:
    """Return the digest of the code by what it decides; comments, docstrings, file names and layout do not count."""
    return {name: _digest(sorted(map(_code, _files(places)))) for name, places in CODE.items()}


def mapping_digests() -> dict[str, str]:
    """Return the digest of each mapping, without what it says of itself."""
    from newsdex.search.indices.analysis import Analysis, Choice, Way  # noqa: PLC0415  # the client takes a while
    from newsdex.search.indices.ledger_mapping import rejected_mapping, runs_mapping  # noqa: PLC0415
    from newsdex.search.indices.mapping import article_mapping  # noqa: PLC0415

    choices = {"en": Choice(way=Way.HUNSPELL, name="en_US"), "de": Choice(way=Way.ANALYZER, name="german")}
    bodies = {
        "articles-mapping": article_mapping(Analysis(choices=choices, folds_accents=True)),
        "rejected-mapping": rejected_mapping(),
        "runs-mapping": runs_mapping(),
    }
    return {
        name: _digest([json.dumps({key: value for key, value in body.items() if key != "_meta"}, sort_keys=True)])
        for name, body in bodies.items()
    }


def outcome_digests() -> dict[str, str]:
    """Return the digest of what the samples are read as, and of what the pipeline makes of them."""
    from newsdex.flows.config.settings import Settings  # noqa: PLC0415  # loads the models
    from newsdex.flows.prepare.prepare import chain_for, prepared  # noqa: PLC0415
    from newsdex.flows.prepare.recipe import Recipe, read_options  # noqa: PLC0415
    from newsdex.transforms.options import ChainOptions  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as home:
        raw = list(_read(read_options(Settings(home=Path(home)))))
        chain = chain_for(Recipe(chain=ChainOptions(), models=(("en", None),), model_versions=()))
        return {"readers": _digest(map(_facts, raw)), "pipeline": _digest(map(_facts, prepared(raw, chain)))}


def _read(options: ReadOptions) -> Iterator[RawArticle | Rejection]:
    from newsdex.readers.listing import partitions  # noqa: PLC0415
    from newsdex.readers.partition import Partition  # noqa: PLC0415
    from newsdex.readers.read import read  # noqa: PLC0415

    for item in partitions([str(ROOT / "samples")], options):
        if isinstance(item, Partition):
            yield from read(item, options)
        else:
            yield item


def _facts(item: RawArticle | Article | Rejection) -> str:
    """Return what an item says, but for where it lies; numbers to three places, as machines differ behind them."""
    plain = msgspec.to_builtins(item)
    return json.dumps(_rounded({name: value for name, value in plain.items() if name not in OF_THE_PLACE}))


def _rounded(value: Any) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return value


def _files(places: Sequence[str]) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from (path,) if path.is_file() else (*path.rglob("*.py"), *path.rglob("*.toml"))


def _code(path: Path) -> str:
    """Return a module without comments, docstrings, imports and layout; a table without comments and layout."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return json.dumps(tomllib.loads(text), sort_keys=True, default=str)
    lines = text.splitlines(keepends=True)
    spans = [(*token.start, *token.end) for token in _tokens(text) if token.type == tokenize.COMMENT]
    spans += [(node.lineno, 0, node.end_lineno or 0, 1 << 30) for node in _statements(text) if _says_only(node)]
    for first, start, last, end in sorted(spans, reverse=True):
        head, tail = lines[first - 1][:start], lines[last - 1][end:]
        lines[first - 1 : last] = [head + tail, *[""] * (last - first)]
    return "".join("".join(lines).split())


def _statements(text: str) -> Iterator[ast.stmt]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt))


def _says_only(node: ast.stmt) -> bool:
    """Return whether a node tells people something, or says where a name comes from, and does nothing else."""
    return isinstance(node, ast.Import | ast.ImportFrom) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    )


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(text).readline)


def _digest(texts: Iterable[str]) -> str:
    told = hashlib.blake2b(digest_size=8)
    for text in texts:
        told.update(text.encode("utf-8", "surrogateescape") + b"\0")
    return told.hexdigest()


def main() -> None:
    """Write the table, with versions raised where what they stand for has changed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raise", dest="raised", action="append", default=[], choices=sorted(CODE))
    raised = parser.parse_args().raised
    former = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    outcomes = outcome_digests()
    found = {name: {"code": digest, "outcome": outcomes[name]} for name, digest in code_digests().items()}
    found |= {name: {"outcome": digest} for name, digest in mapping_digests().items()}
    text = HEAD
    for name, digests in found.items():
        before = former[name]
        changed = name in raised or before["outcome"] != digests["outcome"]
        version = before["version"] + changed
        if changed:
            print(f"{name}: {before['version']} → {version}")
        lines = [f"version = {version}", *(f'{kind} = "{digest}"' for kind, digest in digests.items())]
        text += f"\n[{name}]\n" + "\n".join(lines) + "\n"
    TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
