"""docker-compose.yml, Dockerfile and .env.example fit together and name only what exists; no container is started."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import threading
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml

from newsdex.cli.app import app
from newsdex.cli.kibana import kibana_app
from newsdex.commands.init_env import assignments
from newsdex.flows.config.settings import Settings
from newsdex.search.node.distribution import PINNED

ROOT = Path(__file__).resolve().parent.parent

COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
TEMPLATE = (ROOT / ".env.example").read_text(encoding="utf-8")
STACK: dict[str, Any] = yaml.safe_load(COMPOSE)
SERVICES: dict[str, dict[str, Any]] = STACK["services"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?P<rest>[^}]*)\}")

OURS = frozenset(name for name, service in SERVICES.items() if "build" in service)

NOT_ROOT_BY_ITSELF = ("docker.elastic.co/elasticsearch/elasticsearch:", "docker.elastic.co/kibana/kibana:")
"""Images that run as user 1000 without being told."""

each_service = pytest.mark.parametrize("name", SERVICES)


def _environment(name: str) -> dict[str, str]:
    environment: dict[str, str] = SERVICES[name].get("environment", {})
    return environment


def _commands() -> list[tuple[str, ...]]:
    """Return every command of the command line: `("node", "start")` and so on."""
    root = typer.main.get_command(app)
    found: list[tuple[str, ...]] = []
    for name, command in root.commands.items():  # type: ignore[attr-defined]  # a group has commands
        below = getattr(command, "commands", None)
        found += [(name, inner) for inner in below] if below else [(name,)]
    found += [("kibana", inner) for inner in typer.main.get_command(kibana_app).commands]  # type: ignore[attr-defined]
    return found


# --- docker-compose.yml ----------------------------------------------------------------------------------------------


def test_the_stack_is_valid() -> None:
    """docker-compose.yml has the form that the Compose Specification asks for."""
    schema = json.loads((ROOT / "tests" / "compose" / "compose-spec.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(STACK)


def test_variables_and_template_name_the_same() -> None:
    """Each variable of docker-compose.yml has its line in .env.example, and each line its use."""
    assert {found["name"] for found in VARIABLE.finditer(COMPOSE)} == set(assignments(TEMPLATE))


def test_a_missing_secret_is_said_before_anything_starts() -> None:
    """Whatever the template leaves empty is required in docker-compose.yml; everything else has the same default."""
    template = assignments(TEMPLATE)
    for found in VARIABLE.finditer(COMPOSE):
        value = template[found["name"]]
        assert found["rest"] == (f":-{value}" if value else ":?run `newsdex init` to make .env"), found[0]


@each_service
def test_images_are_pinned(name: str) -> None:
    """Every image has a whole version."""
    assert re.search(r":\d+\.\d+(\.\d+)?(-alpine)?$", SERVICES[name]["image"])


def test_versions_are_those_that_newsdex_is_tested_with() -> None:
    """One version of Elasticsearch everywhere; our image has the project's version; Prefect comes with it."""
    elastic = {SERVICES[name]["image"].rpartition(":")[2] for name in ("elasticsearch", "setup", "kibana")}
    assert elastic == {PINNED.version}
    assert {SERVICES[name]["image"] for name in OURS} == {f"newsdex:{PROJECT['version']}"}
    assert "\nprefect==3.8.8\n" in (ROOT / "constraints.txt").read_text(encoding="utf-8")


@each_service
def test_ports_are_open_on_this_machine_alone(name: str) -> None:
    """No port of the host is open to the network, nor is one named that .env cannot change."""
    for port in SERVICES[name].get("ports", ()):
        assert re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z]+_PORT:-(\d+)\}:\1", port)


@each_service
def test_memory_is_limited_and_privileges_cannot_grow(name: str) -> None:
    """Each service has its share of memory and `no-new-privileges`."""
    assert SERVICES[name]["mem_limit"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


@each_service
def test_nothing_runs_as_root(name: str) -> None:
    """Our image says so itself, Elastic's do, and Postgres is told."""
    service = SERVICES[name]
    assert name in OURS or service["image"].startswith(NOT_ROOT_BY_ITSELF) or service.get("user") not in {None, "root"}


@each_service
def test_waiting_can_end(name: str) -> None:
    """Who is waited for has a health check, or runs once and ends."""
    for other, how in SERVICES[name].get("depends_on", {}).items():
        if how["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert how["condition"] == "service_completed_successfully"
            assert SERVICES[other]["restart"] == "no"


def test_volumes_are_named_and_used() -> None:
    """Each named volume is declared and mounted, and nothing of the host but the folder of articles, read-only."""
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", ())]
    assert {mount.partition(":")[0] for mount in mounts if isinstance(mount, str)} == set(STACK["volumes"])
    bind, *others = [mount for mount in mounts if not isinstance(mount, str)]
    assert all(other == bind for other in others)
    assert bind["read_only"]
    assert SERVICES["newsdex"]["command"] == ["ingest", bind["target"]]


def test_services_call_each_other_by_name() -> None:
    """Every address inside the stack is a service, at the port that it listens at."""
    ports = {"elasticsearch": 9200, "kibana": 5601, "prefect": 4200, "postgres": 5432, "dask": 8786}
    for name in SERVICES:
        for value in _environment(name).values():
            found = re.search(r"//(?:.*@)?(?P<host>[a-z.0-9]+):(?P<port>\d+)", VARIABLE.sub("x", str(value)))
            if found and found["host"] != "127.0.0.1":
                assert int(found["port"]) == ports[found["host"]], value
                assert found["host"] in SERVICES[name]["depends_on"]


def test_our_settings_exist() -> None:
    """Each NEWSDEX_ variable is a setting, or an option of `newsdex kibana import`."""
    known = {f"NEWSDEX_{name.upper()}" for name in Settings.model_fields}
    options = typer.main.get_command(kibana_app).commands["import"].params  # type: ignore[attr-defined]
    known |= {option.envvar for option in options if option.envvar}
    used = {variable for name in SERVICES for variable in _environment(name) if variable.startswith("NEWSDEX_")}
    used |= set(re.findall(r"\bNEWSDEX_\w+", DOCKERFILE))
    assert used <= known


def test_settings_of_prefect_exist() -> None:
    """Each PREFECT_ variable is a setting of the Prefect that is installed."""
    from prefect.settings import Settings as PrefectSettings  # noqa: PLC0415  # takes most of a second
    from prefect.settings.legacy import _get_settings_fields  # noqa: PLC0415  # its table of variables

    known = set(_get_settings_fields(PrefectSettings))
    used = {variable for name in SERVICES for variable in _environment(name) if variable.startswith("PREFECT_")}
    assert used <= known


def test_commands_exist() -> None:
    """What our image is told to run is a command of ours, and `prefect server start` one of Prefect's."""
    for name in OURS - {"prefect", "dask", "dask-worker"}:
        command = tuple(SERVICES[name]["command"])
        assert any(command[: len(known)] == known for known in _commands()), command
    from prefect.cli.server import server_app  # noqa: PLC0415  # takes seconds

    assert SERVICES["prefect"]["entrypoint"] + SERVICES["prefect"]["command"] == ["prefect", "server", "start"]
    assert "start" in server_app


@pytest.mark.parametrize("name", ["dask", "dask-worker"])
def test_commands_of_dask_exist(name: str) -> None:
    """`dask scheduler` and `dask worker` have the options that they are given; the worker knows its scheduler."""
    from distributed.cli import dask_scheduler, dask_worker  # noqa: PLC0415  # takes a second

    words = shlex.split(" ".join([*SERVICES[name]["entrypoint"], *SERVICES[name]["command"]]))
    command = {"scheduler": dask_scheduler, "worker": dask_worker}[words[words.index("dask") + 1]].main
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= known
    if name == "dask-worker":
        assert SERVICES["newsdex"]["environment"]["NEWSDEX_CLUSTER"] in words


def test_the_image_has_what_its_services_need() -> None:
    """The extras for a cluster and for buckets are installed in it."""
    (line,) = re.findall(r"print\((.+?), sep", DOCKERFILE)
    assert line == "*p['dependencies'], *e['dask'], *e['remote']"


@pytest.fixture
def elasticsearch_side() -> Iterator[tuple[str, list[tuple[str, str, str]], list[int]]]:
    """Yield a stand-in for Elasticsearch's HTTP side: its address, what it was asked, and the answers it will give."""
    asked: list[tuple[str, str, str]] = []
    answers: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("")

        def do_HEAD(self) -> None:
            self._answer("")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, body: str) -> None:
            asked.append((self.path, self.headers.get("Authorization", ""), body))
            self.send_response(answers.pop(0))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Keep the terminal clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked, answers
    server.shutdown()
    server.server_close()


def _shell(script: str, **environment: str) -> int:
    """Run a command of docker-compose.yml as its container would."""
    if shutil.which("curl") is None:
        pytest.skip("no curl on this machine: install it to run the containers' commands here")
    done = subprocess.run(
        ["/bin/sh", "-euc", script.replace("$$", "$")],
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", **environment},
        capture_output=True,
        timeout=30,
        check=False,
    )
    return done.returncode


@pytest.mark.parametrize(("status", "fine"), [(200, True), (401, False)])
def test_setup_gives_kibana_its_password(elasticsearch_side: Any, status: int, *, fine: bool) -> None:
    """The one-shot's own command, run here: one request as `elastic`; it fails where Elasticsearch refuses."""
    url, asked, answers = elasticsearch_side
    answers.append(status)
    (script,) = SERVICES["setup"]["command"]
    code = _shell(script, ELASTICSEARCH_URL=url, ELASTIC_PASSWORD="e", KIBANA_PASSWORD="k")  # noqa: S106  # no real ones
    assert (code == 0) is fine
    ((path, authorization, body),) = asked
    assert path == "/_security/user/kibana_system/_password"
    assert authorization == "Basic ZWxhc3RpYzpl"
    assert json.loads(body) == {"password": "k"}


@pytest.mark.parametrize(("name", "port", "well"), [("elasticsearch", 9200, 200), ("kibana", 5601, 302)])
def test_health_checks_tell_well_from_ill(elasticsearch_side: Any, name: str, port: int, well: int) -> None:
    """The containers' own commands, run here against a stand-in: 503 at the start is ill."""
    url, asked, answers = elasticsearch_side
    script = SERVICES[name]["healthcheck"]["test"][1].replace(f"http://127.0.0.1:{port}", url)
    answers += [503, well]
    assert _shell(script, ELASTIC_PASSWORD="e") != 0  # noqa: S106  # no real one
    assert _shell(script, ELASTIC_PASSWORD="e") == 0  # noqa: S106
    assert len(asked) == 2


# --- Dockerfile ------------------------------------------------------------------------------------------------------


def test_the_image_copies_what_is_there_and_not_ignored() -> None:
    """Each COPY source exists, .dockerignore lets it through, and every package of the project is among them."""
    sources = [
        source for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for source in line.split()
    ]
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line[1:] for line in lines if line.startswith("!")}
    assert set(sources) == let_through
    assert all((ROOT / source).exists() for source in sources)
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    assert {each.rstrip("*") for each in setuptools["packages"]["find"]["include"]} <= set(sources)


def test_the_image_is_pinned_small_and_not_root() -> None:
    """Both stages are one whole version of a slim Python that Newsdex supports; constraints hold; the user is none."""
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert set(bases) == {"python:3.12.12-slim-bookworm"}
    assert "--constraint constraints.txt" in DOCKERFILE
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert users[-1] == "10001:10001"
    assert "useradd --system --uid 10001" in DOCKERFILE


def test_the_image_runs_newsdex() -> None:
    """Its entry point is the project's command."""
    (entry,) = json.loads(re.findall(r"^ENTRYPOINT (.+)$", DOCKERFILE, re.MULTILINE)[0])
    assert entry in PROJECT["scripts"]


def test_the_project_needs_no_more_of_the_image_than_is_declared() -> None:
    """The home that the volume is mounted at is the home of the image's user and of Newsdex."""
    (mount,) = [each for each in SERVICES["newsdex"]["volumes"] if isinstance(each, str)]
    home = mount.partition(":")[2]
    assert f"--home-dir {home} --create-home" in DOCKERFILE
    assert f"NEWSDEX_HOME={home} " in DOCKERFILE


def test_no_package_registry_is_named() -> None:
    """Packages come from wherever the machine's own configuration says."""
    text = f"{COMPOSE}\n{DOCKERFILE}\n{TEMPLATE}"
    found = [word for word in ("pypi", "index-url", "proxy", "registry") if word in text.lower()]
    assert not found


def test_the_environment_is_never_committed() -> None:
    """Git and the image's build leave `.env` out."""
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert any(fnmatch(".env", line) for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines())
