"""Templates: of one release from the start of a service to its end."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import TemplateNotFound

from election_service.pages.assets import Assets
from election_service.pages.rendering import Renderer
from election_service.pages.visit import Visit
from tests.service.house import House


def update(folder: Path) -> None:
    """Another release in the place of every template."""
    for file in folder.rglob("*.html"):
        file.write_text("{{ a_name_that_the_old_code_does_not_give }}")


async def test_an_update_in_place_is_not_seen_before_the_restart(house: House, tmp_path: Path) -> None:
    """Neither of a page that was shown before, nor of one that is asked for the first time, nor a new one."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, names in ((first, ("shown", "asked-later")), (second, ("shown", "elsewhere"))):
        folder.mkdir()
        for name in names:
            (folder / f"{name}.html").write_text(f"{folder.name} of {{{{ language }}}}, old")
    visit = Visit(house.service, "en", True, {}, {}, {}, None)
    running = Renderer(Assets(), (first, second))
    assert running.render("shown.html", visit) == "first of en, old"
    update(tmp_path)
    (first / "new.html").write_text("new")
    assert running.render("shown.html", visit) == "first of en, old"
    assert running.render("asked-later.html", visit) == "first of en, old"
    assert running.render("elsewhere.html", visit) == "second of en, old"
    with pytest.raises(TemplateNotFound):
        running.render("new.html", visit)
    assert Renderer(Assets(), (first, second)).render("new.html", visit) == "new"
