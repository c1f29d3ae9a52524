"""New certificates and tokens without a restart, under traffic."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import httpx
import pytest
import trustme
from google.protobuf import text_format

from tests.frontends.certificates import (
    LOCAL,
    Certificate,
    authority_text,
    s_client,
    shown_serial,
    write_config,
)
from tests.polling import poll_until
from tests.server_process import ServerProcess
from tfs_notebook.wire.messages import (
    GetModelStatusRequest,
    SSLConfig,
)

STATUS = "/tensorflow.serving.ModelService/GetModelStatus"


class Rotating:
    """A server with TLS at both doors, from one file each."""

    def __init__(self, process: ServerProcess, authority: trustme.CA, directory: Path) -> None:
        self.process = process
        self.authority = authority
        self.files = {
            process.port: directory / "grpc.config",
            process.rest_port: directory / "rest.config",
        }
        self.token = directory / "token"
        self._context = ssl.create_default_context(cadata=authority_text(authority))

    def serial(self, port: int) -> str:
        """Of the certificate that a new connection is shown."""
        done = s_client(port)
        assert "BEGIN CERTIFICATE" in done.stdout, done.stdout + done.stderr
        return shown_serial(done.stdout)

    def http(self) -> httpx.Client:
        url = self.process.url.replace("http:", "https:")
        headers = {"Authorization": f"Bearer {self.token.read_text()}"}
        return httpx.Client(base_url=url, verify=self._context, headers=headers, timeout=60)

    def channel(self) -> grpc.Channel:
        roots = authority_text(self.authority).encode()
        # Each of its own: gRPC shares connections between channels that are alike.
        options = (("grpc.use_local_subchannel_pool", 1),)
        credentials = grpc.ssl_channel_credentials(roots)
        return grpc.secure_channel(self.process.grpc_address, credentials, options)


def ask_grpc(channel: grpc.Channel) -> None:
    request = GetModelStatusRequest()
    request.model_spec.name = "m"
    channel.unary_unary(STATUS, None, None)(request.SerializeToString(), timeout=60)


def ask_rest(client: httpx.Client) -> None:
    client.get("/v1/models/m").raise_for_status()


@pytest.fixture(scope="module")
def rotating(
    tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path
) -> Iterator[Rotating]:
    directory, authority = tmp_path_factory.mktemp("rotation"), trustme.CA()
    for name in ("grpc", "rest"):
        config = Certificate.of(authority, LOCAL).config()
        write_config(directory / f"{name}.config", config)
    (directory / "token").touch(0o600)
    (directory / "token").write_text("first")
    flags = [
        "--model_name=m",
        f"--model_base_path={half_plus_two.parent}",
        f"--ssl_config_file={directory / 'grpc.config'}",
        f"--rest_api_ssl_config_file={directory / 'rest.config'}",
        f"--rest_api_token_file={directory / 'token'}",
        "--ssl_config_file_poll_wait_seconds=1",
    ]
    with ServerProcess(directory, flags) as process:
        yield Rotating(process, authority, directory)


class Traffic:
    """Asks again and again, over connections that stay and over ones of their own."""

    def __init__(self, rotating: Rotating) -> None:
        self._rotating = rotating
        self._ended = threading.Event()
        self.errors: list[Exception] = []
        self.rounds = [0, 0]
        works = (self._over_old, self._over_new)
        self._threads = [threading.Thread(target=self._run, args=(work,)) for work in works]

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the test raises it
            self.errors.append(error)

    def _over_old(self) -> None:
        with self._rotating.http() as client, self._rotating.channel() as channel:
            while not self._ended.is_set():
                ask_rest(client)
                ask_grpc(channel)
                self.rounds[0] += 1

    def _over_new(self) -> None:
        while not self._ended.is_set():
            with self._rotating.http() as client, self._rotating.channel() as channel:
                ask_rest(client)
                ask_grpc(channel)
            self.rounds[1] += 1

    def wait_for_more(self) -> None:
        """Until both have gone on for some rounds."""
        wanted = [done + 3 for done in self.rounds]

        def went_on() -> bool:
            if self.errors:
                raise self.errors[0]
            return all(done >= want for done, want in zip(self.rounds, wanted, strict=True))

        poll_until(went_on, "the traffic goes on")

    def __enter__(self) -> Traffic:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()


def test_certificates_change_under_traffic_and_no_request_fails(rotating: Rotating) -> None:
    with Traffic(rotating) as traffic:
        for _ in range(3):
            traffic.wait_for_more()
            for port, file in rotating.files.items():
                new = Certificate.of(rotating.authority, LOCAL)
                write_config(file, new.config())
                poll_until(
                    lambda port=port, new=new: rotating.serial(port) == new.serial,  # type: ignore[misc]
                    "new connections get the new certificate",
                    details=lambda: rotating.process.log,
                )
        traffic.wait_for_more()
    assert not traffic.errors


def test_half_of_a_pair_is_told_once_and_not_taken(rotating: Rotating) -> None:
    for port, file in rotating.files.items():
        before = rotating.serial(port)
        good = text_format.Parse(file.read_text(), SSLConfig())
        other = Certificate.of(rotating.authority, LOCAL)
        write_config(file, SSLConfig(server_key=good.server_key, server_cert=other.chain))
        rotating.process.wait_for_log(f"{file}: its server_key and server_cert cannot be used")
        assert rotating.serial(port) == before
        # The other half, and it is one again.
        write_config(file, other.config())
        poll_until(
            lambda port=port, other=other: rotating.serial(port) == other.serial,  # type: ignore[misc]
            "the whole pair is taken",
        )
        assert rotating.process.log.count(f"{file}: its server_key and server_cert") == 1


def test_grpc_cannot_begin_to_ask_clients_for_certificates(rotating: Rotating) -> None:
    file = rotating.files[rotating.process.port]
    config = Certificate.of(rotating.authority, LOCAL).config(rotating.authority)
    write_config(file, config)
    rotating.process.wait_for_log("has another client_verify than at the start")
    with rotating.channel() as channel:
        ask_grpc(channel)


def test_rest_can(rotating: Rotating) -> None:
    file = rotating.files[rotating.process.rest_port]
    with rotating.http() as before:
        ask_rest(before)
        config = Certificate.of(rotating.authority, LOCAL).config(rotating.authority)
        write_config(file, config)

        def is_asked() -> bool:
            with rotating.http() as client:
                try:
                    ask_rest(client)
                except httpx.TransportError:
                    return True
                return False

        poll_until(is_asked, "clients need a certificate")
        # Connections from before live on.
        ask_rest(before)
    write_config(file, Certificate.of(rotating.authority, LOCAL).config())
    poll_until(lambda: not is_asked(), "clients need none any more")


def test_a_new_token(rotating: Rotating) -> None:
    with rotating.http() as client:
        ask_rest(client)
        rotating.token.write_text("second")
        poll_until(lambda: client.get("/v1/models").status_code == 401, "the old one is out")
        client.headers["Authorization"] = "Bearer second"
        ask_rest(client)
