"""The Jupyter server extension: a model server that comes and goes with Jupyter."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Bunch, Dict, Float, Int, List, TraitError, Unicode, Union, validate

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from tfs_notebook.jupyter.embedding import Embedding

__all__ = ["TfsNotebookApp"]

_MAX_BODY_BYTES: Final = 512 * 1024 * 1024


class TfsNotebookApp(ExtensionApp):
    """Serves models below ``tfs/`` of a Jupyter server, and to its kernels over gRPC.

    Nothing is opened before Jupyter's loop runs, and Jupyter never waits for it.
    """

    name = "tfs_notebook"
    extension_url = "/tfs/status"
    load_other_extensions = True

    models = Union(
        # Their elements are checked below: from a command line, a union cannot.
        [Dict(), List()],
        default_value={},
        help="Models to serve from the start: a dictionary from name to base path, or a list "
        "of base paths, whose last parts are the names. More can be loaded at any time. On a "
        "command line: \"{'half': '/models/half'}\".",
    ).tag(config=True)
    model_config_file = Unicode(
        "",
        help="Instead of models: a text proto ModelServerConfig, as for --model_config_file "
        "of the command.",
    ).tag(config=True)
    models_root = Unicode(
        "", help="Directory below which models can be loaded by their bare names."
    ).tag(config=True)
    enable_batching = Bool(False, help="Let requests for the same model share a run.").tag(
        config=True
    )
    batching_parameters_file = Unicode(
        "", help="Text proto BatchingParameters, which say how; with enable_batching."
    ).tag(config=True)
    run_limit_seconds = Float(
        600.0,
        min=0.0,
        help="A run of a model that takes longer is taken to hang and is written off: its "
        "requests get an error, and nothing waits for it any more; 0 for no limit.",
    ).tag(config=True)
    batching_latency_target_micros = Int(
        0,
        min=0,
        help="With enable_batching: let each model find size and timeout of its batches so "
        "that 99 of 100 requests have their answer after this time; 0 for what the "
        "parameters say.",
    ).tag(config=True)
    grpc_port = Int(
        0,
        min=0,
        max=65535,
        help="TCP port of gRPC, on the loopback address and with a token (it is in the "
        "connection file); 0 for none. Kernels use a private Unix socket anyway.",
    ).tag(config=True)
    in_process = Bool(
        False,
        help="Run the model server in a thread of the Jupyter server instead of in a process "
        "of its own. A crash or too much memory in a model takes Jupyter with it then.",
    ).tag(config=True)
    memory_limit_bytes = Int(
        0,
        min=0,
        help="Resident memory of the model server's process, in bytes, above which it is "
        "started afresh; 0 for no limit. Not with in_process.",
    ).tag(config=True)
    max_crashes = Int(
        5,
        min=1,
        help="After so many crashes within crash_window_seconds the model server is not "
        "started again until somebody asks for it (POST tfs/restart).",
    ).tag(config=True)
    crash_window_seconds = Float(
        120.0, min=0.0, help="Seconds in which so many crashes are too many."
    ).tag(config=True)
    max_connections = Int(
        100,
        min=1,
        help="Requests on their way to the model server at once; more have to wait.",
    ).tag(config=True)
    max_body_bytes = Int(
        _MAX_BODY_BYTES, min=1, help="A larger request body is answered with 413."
    ).tag(config=True)
    request_timeout_seconds = Float(
        600.0,
        min=0.0,
        help="The model server may take so long until it answers; else 504. Its own limit "
        "for predictions is 30 s (rest_api_timeout_in_ms in server_flags).",
    ).tag(config=True)
    allowed_servers = Union(
        [Dict(), List()],
        default_value=[],
        help="Other model servers that the side panel and the test console may look at: a list "
        "of REST addresses such as 'http://host:8501', or a dictionary from names to them. "
        "Jupyter reads and asks them for its users, tells them nothing of who asks, and "
        "contacts no other address. Where a server wants to know who asks, a dictionary in the "
        "place of its address has it as 'address', and paths of files: 'token_file' with a "
        "bearer token, 'ca' with the authorities to believe, 'client_certificate' and "
        "'client_key'. None by default.",
    ).tag(config=True)
    allowed_servers_max_bytes = Int(
        64 * 1024 * 1024,
        min=1,
        help="A larger request to one of allowed_servers is answered with 413, a larger "
        "answer of one with 502.",
    ).tag(config=True)
    allowed_servers_timeout_seconds = Float(
        60.0,
        min=0.001,
        help="One of allowed_servers may take so long until it has answered; else 504.",
    ).tag(config=True)
    shutdown_grace_seconds = Float(
        1.0, min=0.0, help="How long the end of Jupyter waits for requests under way."
    ).tag(config=True)
    server_flags = Dict(
        key_trait=Unicode(),
        help="Further flags of the tfs-notebook command, from name (without --) to value.",
    ).tag(config=True)

    _embedding: Embedding | None = None

    @validate("models")
    def _check_models(self, proposal: Bunch) -> object:
        models: dict[object, object] | list[object] = proposal.value
        words = [*models, *models.values()] if isinstance(models, dict) else models
        if not all(isinstance(word, str) and word for word in words):
            raise TraitError(
                "TfsNotebookApp.models has to be a dictionary from names to base paths, "
                f"{{'half': '/models/half'}}, or a list of base paths, and is {models!r}"
            )
        return models

    @validate("allowed_servers")
    def _check_allowed_servers(self, proposal: Bunch) -> object:
        from tfs_notebook.jupyter.allowed_servers import AllowedServers  # noqa: PLC0415

        try:
            AllowedServers(proposal.value)
        except ValueError as error:
            raise TraitError(str(error)) from None
        return proposal.value

    def initialize_handlers(self) -> None:
        """Add the routes; the model server behind them is not started yet."""
        from tfs_notebook.jupyter.allowed_servers import AllowedServers  # noqa: PLC0415
        from tfs_notebook.jupyter.embedding import Embedding  # noqa: PLC0415 - not for a list
        from tfs_notebook.jupyter.gateway import Limits  # noqa: PLC0415
        from tfs_notebook.jupyter.launch import LaunchOptions  # noqa: PLC0415
        from tfs_notebook.jupyter.other_servers import (  # noqa: PLC0415
            OtherLimits,
            OtherServers,
        )

        assert self.serverapp is not None  # noqa: S101 - Jupyter links before it asks
        limits = Limits(self.max_connections, self.max_body_bytes, self.request_timeout_seconds)
        options = LaunchOptions(
            models=self.models,
            model_config_file=self.model_config_file,
            models_root=self.models_root,
            enable_batching=self.enable_batching,
            batching_parameters_file=self.batching_parameters_file,
            run_limit_seconds=self.run_limit_seconds,
            batching_latency_target_micros=self.batching_latency_target_micros,
            grpc_port=self.grpc_port,
            in_process=self.in_process,
            max_body_bytes=self.max_body_bytes,
            shutdown_grace_seconds=self.shutdown_grace_seconds,
            server_flags=self.server_flags,
        )
        allowed = AllowedServers(self.allowed_servers)
        for server in allowed:
            if server.shows_its_token:
                self.log.warning(
                    "The token for %s goes through the network for everybody to read; use "
                    "https:// in TfsNotebookApp.allowed_servers",
                    server.address,
                )
        servers = OtherServers(
            allowed,
            OtherLimits(self.allowed_servers_max_bytes, self.allowed_servers_timeout_seconds),
        )
        self._embedding = Embedding(
            self.serverapp,
            options,
            limits,
            servers,
            max_crashes=self.max_crashes,
            crash_window=self.crash_window_seconds,
            memory_limit=0 if self.in_process else self.memory_limit_bytes,
        )
        self.settings["tfs_notebook_gateway"] = self._embedding.gateway
        self.serverapp.web_app.settings["tfs_notebook_gateway"] = self._embedding.gateway
        self.settings["tfs_notebook_servers"] = servers
        self.serverapp.web_app.settings["tfs_notebook_servers"] = servers
        self.handlers.extend(self._embedding.handlers)

    async def _start_jupyter_server_extension(self, _serverapp: ServerApp) -> None:
        if self._embedding is not None:
            self._embedding.start()

    async def stop_extension(self) -> None:
        """End the model server; waits until it has. Idempotent."""
        if self._embedding is not None:
            await self._embedding.stop()

    def current_activity(self) -> datetime | None:
        """When a model was last asked, while an answer is due; else None.

        Jupyter takes any value for work in progress, however old, and would never be
        culled after the first prediction. What has ended counts by its time, through the
        setting ``tfs_notebook_last_activity``.
        """
        if self._embedding is None:
            return None
        activity = self._embedding.gateway.activity
        return activity.last if activity.under_way else None
