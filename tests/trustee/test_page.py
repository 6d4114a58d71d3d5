"""The delivered tool: one file, the same bytes from the same sources, which allows itself and nothing else."""

from __future__ import annotations

import base64
import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from tests.booth.harness import BOOTH

MOST = 400_000  # bytes


@pytest.fixture(scope="session")
def page(page_file: Path) -> str:
    return page_file.read_text(encoding="utf-8")


def policy(page: str) -> dict[str, list[str]]:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert found is not None
    return {name: values for name, *values in (part.split() for part in found[1].split(";"))}


def test_it_may_connect_to_nobody_and_run_nothing_but_itself(page: str) -> None:
    rules = policy(page)
    assert rules["default-src"] == ["'none'"]
    assert set(rules) == {
        *("default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"),
        *("require-trusted-types-for", "trusted-types"),
    }
    assert rules["img-src"] == ["data:"]
    assert page.index("Content-Security-Policy") < page.index("<style>") < page.index("<script>")
    for element, rule in (("script", "script-src"), ("style", "style-src")):
        inline = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        assert len(inline) == 1
        digest = base64.b64encode(sha256(inline[0].encode()).digest()).decode()
        assert rules[rule] == [f"'sha256-{digest}'"]


def test_it_names_no_address(page: str) -> None:
    assert re.findall(r"""(?:src|href)=["'](?!data:)""", page) == []
    assert set(re.findall(r"https?://[^\"'\s<>)]*", page)) <= {"http://www.w3.org/2000/svg"}
    for word in (
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "sendBeacon",
        "EventSource",
        "localStorage",
        "indexedDB",
        "eval(",
    ):
        assert word not in page, word


def test_it_is_small_enough_and_its_hash_is_the_manifests(page_file: Path) -> None:
    raw = page_file.read_bytes()
    assert len(raw) <= MOST
    manifest = json.loads((BOOTH / "dist" / "manifest.json").read_text())
    assert manifest["trustee_sha256"] == sha256(raw).hexdigest()


def test_every_refusal_and_every_duty_has_its_words() -> None:
    texts = json.loads((BOOTH / "texts-trustee" / "en.json").read_text())
    source = "".join(file.read_text() for file in sorted((BOOTH / "src" / "trustee").rglob("*.ts")))
    first = re.findall(r'\b(?:say|p|heading|row|working|progress)\("([a-zA-Z.]+)"', source)
    second = re.findall(r'\b(?:button|field)\("[^"]+", "([a-zA-Z.]+)"', source)
    assert len(first) + len(second) > 60
    assert sorted({*first, *second} - set(texts)) == []
    codes = set(
        re.findall(r'"((?:older|another|second|not|wrong|no|bad|too|poll|review|receipt|short|two)-[a-z-]+)"\)', source)
    )
    assert len(codes) > 20
    assert sorted(code for code in codes if f"problem.{code}" not in texts) == []
