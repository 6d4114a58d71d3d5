"""The configuration refuses what it does not know, and what cannot be meant."""

from pathlib import Path

import pytest

from election_service.config import Config, describe_config, load_config
from election_service.errors import ConfigError

GOOD = {
    "ELECTION_DATABASE_URL": "sqlite:////var/lib/election/election.db",
    "ELECTION_STATE_DIR": "/var/lib/election",
    "ELECTION_MASTER_KEY_FILE": "/etc/election/master-key",
    "ELECTION_PUBLIC_URL": "https://vote.example.edu",
}


def test_variables_are_enough() -> None:
    config = load_config({**GOOD, "ELECTION_PORT": "9000", "PATH": "/bin"})
    assert (config.port, config.host, config.state_dir) == (9000, "127.0.0.1", Path("/var/lib/election"))
    assert config.origin("spring") == "vote.example.edu/spring"
    assert config.worker_count >= 1


def test_variables_win_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(
        'database_url = "postgresql://e@db/e"\nstate_dir = "/s"\nmaster_key_file = "/k"\n'
        'public_url = "http://localhost:8080"\nport = 8080\n'
    )
    config = load_config({"ELECTION_CONFIG": str(file), "ELECTION_PORT": "9000"})
    assert (config.port, config.database_url) == (9000, "postgresql://e@db/e")
    assert config.origin("spring") == "localhost:8080/spring"
    assert load_config({}, file).port == 8080


def test_variables_of_the_other_commands_are_left_alone() -> None:
    load_config({**GOOD, "ELECTION_SERVER": "https://x", "ELECTION_ID": "spring", "ELECTION_TEST_DATABASE_URL": "x"})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ELECTION_DATABSE_URL": "x"}, "unknown: databse_url"),
        ({"ELECTION_PORT": "70000"}, r"Expected `int` <= 65535.*port"),
        ({"ELECTION_PORT": "eighty"}, r"Expected `int`.*port"),
        ({"ELECTION_DATABASE_URL": "mysql://x/y"}, "database_url: expected sqlite or postgresql, got mysql"),
        ({"ELECTION_STATE_DIR": "state"}, "state_dir: expected an absolute path, got state"),
        ({"ELECTION_MASTER_KEY_FILE": "key"}, "master_key_file: expected an absolute path"),
        ({"ELECTION_PUBLIC_URL": "http://vote.example.edu"}, "browsers give no cryptography"),
        ({"ELECTION_PUBLIC_URL": "https://vote.example.edu/vote"}, r"expected https://HOST\[:PORT\]"),
        ({"ELECTION_PUBLIC_URL": "https://vote.example.edu#x"}, r"expected https://HOST\[:PORT\]"),
        ({"ELECTION_PUBLIC_URL": "https://user@vote.example.edu"}, "no user"),
        ({"ELECTION_PUBLIC_URL": "https://Vote.example.edu"}, "lower-case ASCII"),
        ({"ELECTION_PUBLIC_URL": "https://vote.example.edu:99999"}, "public_url: Port out of range"),
        ({"ELECTION_PUBLIC_URL": "vote.example.edu"}, r"expected https://HOST"),
        ({"ELECTION_HEALTH_PORT": "8080"}, "health_port: expected another port than 8080"),
        ({"ELECTION_SMTP_HOST": "mail"}, "mail_from: missing"),
        ({"ELECTION_SMTP_HOST": "mail", "ELECTION_MAIL_FROM": "a@b", "ELECTION_SMTP_SECURITY": "none"}, "in the open"),
        ({"ELECTION_SMTP_SECURITY": "ssl"}, "Invalid enum value 'ssl'"),
        ({"ELECTION_SMTP_USER": "x"}, "expected both or none"),
        ({"ELECTION_CONFIG": "/nowhere.toml"}, "/nowhere.toml: No such file"),
    ],
)
def test_mistakes_are_named(change: dict[str, str], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason) as refused:
        load_config({**GOOD, **change})
    assert refused.value.hint


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_what_is_required_is_named(missing: str) -> None:
    with pytest.raises(ConfigError, match=missing.removeprefix("ELECTION_").lower()):
        load_config({name: value for name, value in GOOD.items() if name != missing})


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("port = ")
    with pytest.raises(ConfigError, match=r"x\.toml: Invalid value"):
        load_config({}, tmp_path / "x.toml")


def test_unknown_names_in_the_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("[server]\nport = 1")
    with pytest.raises(ConfigError, match="unknown: server"):
        load_config(GOOD, tmp_path / "x.toml")


def test_passwords_are_not_shown() -> None:
    config = load_config({**GOOD, "ELECTION_DATABASE_URL": "postgresql://e:geheim@db/e"})
    assert "geheim" not in repr(config)
    assert "e:***@db/e" in repr(config)


def test_the_reference_names_every_field() -> None:
    text = describe_config()
    for name in Config.__struct_fields__:
        assert f"ELECTION_{name.upper()} (" in text
    assert len([line for line in text.splitlines() if line.startswith("    ") and len(line) > 20]) == len(
        Config.__struct_fields__
    )
