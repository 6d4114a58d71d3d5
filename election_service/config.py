"""The configuration: one frozen struct, from a TOML file and ``ELECTION_*`` variables; its fields are the reference.

A variable is the field's name in capitals (``ELECTION_DATABASE_URL``) and wins over the file. A name that is no field
is refused, so that a typing mistake is not a silent default. Secrets are never values here, only paths of files.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Meta
from sqlalchemy import make_url

from election_service.database import parse_url
from election_service.errors import ConfigError

PREFIX: Final = "ELECTION_"
# Variables of the same prefix that are not the service's: the committee's and trustees' commands, and the tests.
OTHER_VARIABLES: Final = frozenset(
    {"ELECTION_CONFIG", "ELECTION_SERVER", "ELECTION_ID", "ELECTION_TEST_DATABASE_URL", "ELECTION_MAKE_VENV"}
)
_MAIL_ADDRESS: Final = re.compile(r"[!-;=?A-~]+@[!-;=?A-~]+\Z")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

Port = Annotated[int, Meta(ge=1, le=65535)]


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one process needs to know. Fields without a default must be given."""

    database_url: Annotated[
        str,
        Meta(description="sqlite:////path/election.db or postgresql://user@host/name; `init` makes the tables"),
    ]
    state_dir: Annotated[
        Path,
        Meta(
            description="directory of signed tree heads and recovery keys, mode 0700; made by `election-service init`"
        ),
    ]
    master_key_file: Annotated[
        Path,
        Meta(
            description="file with the master key, mode 0600, or a systemd credential; made by `election-service init`"
        ),
    ]
    public_url: Annotated[
        str,
        Meta(
            description="where voters reach the service, such as https://vote.example.edu; stands in every ballot link"
        ),
    ]
    host: Annotated[str, Meta(description="address to listen on; a proxy in front does TLS")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="port to listen on")] = 8080
    health_port: Annotated[
        Port, Meta(description="port of /healthz, /readyz, /metrics, on the loopback address only")
    ] = 8081
    workers: Annotated[
        int, Meta(ge=0, le=256, description="processes that check ballots; 0: one for each processor")
    ] = 0
    smtp_host: Annotated[str, Meta(description="mail server; empty: this service sends no mail")] = ""
    smtp_port: Annotated[Port, Meta(description="port of the mail server")] = 587
    smtp_security: Annotated[
        Literal["starttls", "tls", "none"],
        Meta(description="how the connection to the mail server is protected; none only for a server on this machine"),
    ] = "starttls"
    smtp_user: Annotated[str, Meta(description="name at the mail server; empty: no login")] = ""
    smtp_password_file: Annotated[
        Path | None, Meta(description="file with the password at the mail server, mode 0600")
    ] = None
    mail_from: Annotated[str, Meta(description="sender address of the mails")] = ""
    mail_name: Annotated[
        str,
        Meta(max_length=60, description="name beside the sender address; letters, digits and spaces of it are used"),
    ] = ""
    mail_bounces: Annotated[
        str, Meta(description="address to which undeliverable mails come back; empty: the sender address")
    ] = ""
    mails_per_minute: Annotated[int, Meta(ge=1, le=6000, description="mails sent in a minute at most")] = 120

    def __repr__(self) -> str:
        """Without the password that a database URL may hold."""
        shown = {name: getattr(self, name) for name in self.__struct_fields__}
        shown["database_url"] = make_url(self.database_url).render_as_string(hide_password=True)
        return f"Config({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    def origin(self, election: str) -> str:
        """The log's origin: ``host[:port]/election`` in lower case (docs/protocol.md §9)."""
        return f"{_location(self.public_url).netloc}/{election}".lower()

    @property
    def worker_count(self) -> int:
        """How many processes check ballots."""
        return self.workers or os.cpu_count() or 1


def load_config(environ: Mapping[str, str], file: Path | None = None) -> Config:
    """The configuration from a file and the environment; ConfigError says which name is unknown, missing or wrong.

    ``file``: as given on the command line; otherwise ELECTION_CONFIG names it, or there is none.
    """
    if file is None and environ.get("ELECTION_CONFIG"):
        file = Path(environ["ELECTION_CONFIG"])
    values: dict[str, Any] = {} if file is None else _read_file(file)
    for name, value in environ.items():
        if name.startswith(PREFIX) and name not in OTHER_VARIABLES:
            values[name.removeprefix(PREFIX).lower()] = value
    unknown = sorted(set(values) - set(Config.__struct_fields__))
    if unknown:
        raise ConfigError(
            f"configuration: unknown: {', '.join(unknown)}", "known are: " + ", ".join(Config.__struct_fields__)
        )
    try:
        config = msgspec.convert(values, Config, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise ConfigError(f"configuration: {error}", "see `election-service serve --help` for every name") from error
    check_config(config)
    return config


def _read_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"configuration: {file}: {error.strerror}", "give a readable TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"configuration: {file}: {error}", 'it must be TOML: name = "value"') from error


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(kind)


def check_config(config: Config) -> None:
    """ConfigError for values that fit their types and still cannot be meant."""
    parse_url(config.database_url)
    for name in ("state_dir", "master_key_file"):
        if not getattr(config, name).is_absolute():
            raise ConfigError(f"{name}: expected an absolute path, got {getattr(config, name)}", "begin it with /")
    _check_public_url(config.public_url)
    if config.port == config.health_port:
        raise ConfigError(f"health_port: expected another port than {config.port}", "the health page is not public")
    if config.smtp_host and not config.mail_from:
        raise ConfigError("mail_from: missing", "give the sender address of the mails")
    for name in ("mail_from", "mail_bounces"):
        address = getattr(config, name)
        if address and not _MAIL_ADDRESS.match(address):
            raise ConfigError(f"{name}: expected an address, got {address[:100]!r}", "give it as name@host, no more")
    if config.smtp_host and config.smtp_security == "none" and config.smtp_host not in _LOOPBACK:
        raise ConfigError(
            f"smtp_security: none: ballot links would travel to {config.smtp_host} in the open", "use starttls or tls"
        )
    if bool(config.smtp_user) != (config.smtp_password_file is not None):
        raise ConfigError("smtp_user, smtp_password_file: expected both or none", "give the other one too")


def _location(public_url: str) -> SplitResult:
    return urlsplit(public_url.rstrip("/"))


def _check_public_url(public_url: str) -> None:
    hint = "give https://HOST, or http://localhost:PORT to try things out"
    try:
        location = _location(public_url)
        host, _port = location.hostname or "", location.port
    except ValueError as error:
        raise ConfigError(f"public_url: {error}", hint) from error
    if location.scheme not in {"http", "https"} or not host or location.path or location.query or location.fragment:
        raise ConfigError(f"public_url: expected https://HOST[:PORT], got {public_url[:200]!r}", hint)
    if location.username is not None or not host.isascii() or location.netloc != location.netloc.lower():
        raise ConfigError(
            f"public_url: expected a host in lower-case ASCII and no user, got {public_url[:200]!r}", hint
        )
    if location.scheme == "http" and host not in _LOOPBACK and not host.endswith(".onion"):
        raise ConfigError("public_url: http: browsers give no cryptography to pages without TLS", hint)


def describe_config() -> str:
    """The reference of all fields, for ``--help``: variable, default, meaning."""
    lines = []
    for field in msgspec.structs.fields(Config):
        kind = field.type
        meaning = kind.__metadata__[-1].description if hasattr(kind, "__metadata__") else ""
        default = "required" if field.required else f"default {str(field.default)!r}"
        lines.append(f"{PREFIX}{field.name.upper()} ({default})\n    {meaning}")
    return "\n".join(lines)
