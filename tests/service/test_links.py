"""Blocks of a roll and their ids; ballot links and the file that carries them."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from ballot.link import make_link, read_link
from election_service.electorates import Elector, make_blocks, make_electorates
from election_service.errors import InputError
from election_service.links import Link, destroy_links, read_links, write_links
from election_service.slugs import make_ids, slug
from keys import schnorr
from keys.errors import FormatError

URL = "https://vote.example.edu"
ELECTION = "spring"


def test_ids_are_readable_stable_and_distinct() -> None:
    assert slug("Computer Technologies and Engineering") == "computer-technologies-and-engineering"
    assert slug("ბიზნესის მართვა") == "biznesis-martva"
    assert slug("Право и политика") == "pravo-i-politika"
    assert slug("Şərqşünaslıq") == "serqsunasliq"
    assert slug("法学") == ""
    names = ["Law", "law", "LAW!", "法", "学", "x" * 60, "x" * 61]
    ids = make_ids("faculty", names)
    assert ids == make_ids("faculty", list(reversed(names)))
    assert len(set(ids.values())) == len(names)
    assert ids["LAW!"] == "faculty.law"
    assert {ids["Law"], ids["law"]} == {"faculty.law-2", "faculty.law-3"}


def test_every_elector_stands_in_four_electorates() -> None:
    electors = [Elector(str(n), f"F{n % 2}", f"D{n % 4}", n % 3 + 1) for n in range(24)]
    keys = {str(n): schnorr.public_key(sha256(b"%d" % n).digest()) for n in range(24)}
    electorates = make_electorates(electors, keys)
    assert [item.block for item in electorates] == make_blocks(electors)
    for elector in electors:
        own = [item.block.kind for item in electorates if keys[elector.student_id] in item.keys]
        assert own == ["university", "faculty", "department", "class"]
    assert all(list(item.keys) == sorted(set(item.keys)) for item in electorates)
    assert sum(len(item.keys) for item in electorates) == 4 * 24
    moved = [replace(electors[0], year=9), *electors[1:]]
    assert {item.root for item in make_electorates(moved, keys)} != {item.root for item in electorates}


# ---- links


def test_a_link_holds_the_seed_and_the_log() -> None:
    seed, log_id = bytes(range(32)), bytes(range(100, 132))
    link = make_link(URL, ELECTION, seed, log_id)
    assert link.startswith("https://vote.example.edu/vote/spring#AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9kZWZn")
    assert read_link(link) == (URL, ELECTION, seed, log_id[:16])


@pytest.mark.parametrize("link", ["", "https://x/vote/spring", "https://x/spring#AA", "https://x/vote/spring#AA", "#"])
def test_what_is_no_link_is_refused(link: str) -> None:
    with pytest.raises(FormatError, match="ballot link"):
        read_link(link)


def test_the_links_file_is_private_and_can_be_destroyed(tmp_path: Path) -> None:
    """A44: the file with the seeds is gone once the links are out."""
    path = tmp_path / "links.csv"
    links = [Link("001", 'Nino "N", B', "n@example.edu", "ka", make_link(URL, ELECTION, bytes(32), bytes(32)))]
    assert write_links(path, links) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_links(path) == links
    with pytest.raises(InputError, match="exists already"):
        write_links(path, links)
    path.chmod(0o644)
    with pytest.raises(InputError, match="can be read by others"):
        read_links(path)
    destroy_links(path)
    destroy_links(path)
    assert list(tmp_path.iterdir()) == []


def test_another_file_is_no_links_file(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n")
    path.chmod(0o600)
    with pytest.raises(InputError, match="no links file"):
        read_links(path)
    with pytest.raises(InputError, match="No such file"):
        read_links(tmp_path / "none")
