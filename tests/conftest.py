"""What the tests share: the models, and a server that serves all of them."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import httpx
import pytest

from tests import example_numbers
from tests.demo.trained import trained_spam
from tests.models.answers import FILE_NAME
from tests.saved_models import saved_models
from tests.server_process import ServerProcess, config_text
from tests.shared_files import SHARED_VARIABLE, shared_directory

# What a shell starts in the background ignores interrupts, and so does all that it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """Have as many examples as this run has time for."""
    example_numbers.choose(long="not long" not in config.getoption("markexpr"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Have what was logged in a form that passes between processes, half characters too."""
    report = yield
    report.sections = [
        (title, text.encode("utf-8", "backslashreplace").decode())
        for title, text in report.sections
    ]
    return report


@pytest.fixture(scope="session")
def models(pytestconfig: pytest.Config) -> Path:
    """The directory that holds the built models, a base path each."""
    assert pytestconfig.cache is not None
    cache = pytestconfig.cache.mkdir("saved_models")
    return saved_models(cache)


@pytest.fixture(scope="session")
def half_plus_two(models: Path) -> Path:
    """The version directory of the smallest model: y = x / 2 + 2."""
    return models / "half_plus_two" / "1"


@pytest.fixture(scope="session")
def half_plus_three(models: Path) -> Path:
    """As ``half_plus_two``, to tell a new version from an old one."""
    return models / "half_plus_three" / "1"


@pytest.fixture
def two_versions(tmp_path: Path, half_plus_two: Path, half_plus_three: Path) -> Path:
    """A base path: version 1 is half_plus_two, version 2 half_plus_three."""
    base = tmp_path / "two_versions"
    shutil.copytree(half_plus_two, base / "1")
    shutil.copytree(half_plus_three, base / "2")
    return base


@pytest.fixture(scope="session")
def reference_models() -> Path:
    """The directory of TensorFlow Serving's own models, where it is present."""
    shared = shared_directory()
    if not (shared / "models").is_dir():
        pytest.skip(f"no TensorFlow Serving models in {shared}; set {SHARED_VARIABLE}")
    return shared / "models"


@pytest.fixture(scope="session")
def spam(pytestconfig: pytest.Config) -> Path:
    """The base path of the demo's spam classifier: versions 1 and 2, with pipelines.

    Training takes most of a minute the first time; tests that may be the first to
    ask need a timeout that allows for it.
    """
    assert pytestconfig.cache is not None
    return trained_spam(pytestconfig.cache.mkdir("spam"))


@pytest.fixture(scope="session")
def sms_collection() -> Path:
    """The SMS Spam Collection, where it is present."""
    path = shared_directory() / "data" / "sms_spam_collection.tsv"
    if not path.is_file():
        pytest.skip(f"no {path}; set {SHARED_VARIABLE}")
    return path


@pytest.fixture(scope="session")
def server(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server with every built model; tests leave it as they find it."""
    with _serving(models, tmp_path_factory.mktemp("server")) as process:
        yield process


@pytest.fixture(scope="session")
def batching_server(
    models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """The same with batches."""
    with _serving(
        models, tmp_path_factory.mktemp("batching_server"), "--enable_batching"
    ) as process:
        yield process


def _serving(models: Path, directory: Path, *flags: str) -> ServerProcess:
    served = {path.parent.name: path.parent for path in sorted(models.glob(f"*/{FILE_NAME}"))}
    config = directory / "models.config"
    config.write_text(
        config_text(served, half_plus_two='version_labels { key: "stable" value: 1 }')
    )
    # One of them hangs on what it reads.
    allowed = "--allowed_unsafe_ops=ReadFile"
    return ServerProcess(directory, [f"--model_config_file={config}", allowed, *flags])


@pytest.fixture(scope="session")
def http(server: ServerProcess) -> Iterator[httpx.Client]:
    """A client of the shared server's REST door."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """Starts servers of a test's own; takes what :class:`ServerProcess` takes."""
    started: list[ServerProcess] = []

    def start(*flags: str, **options: object) -> ServerProcess:
        directory = tmp_path / f"server-{len(started)}"
        directory.mkdir()
        process = ServerProcess(directory, flags, **options)  # type: ignore[arg-type]
        started.append(process)
        return process.start()

    yield start
    for process in started:
        if process.process.poll() is None:
            process.stop()
