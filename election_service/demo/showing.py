"""How the demo's election is shown: texts in four languages, portraits and statements, the booth's hash in the log."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Final

from election_service.demo.people import Committee
from election_service.demo.portraits import draw_portrait
from election_service.demo.speeches import PRESENTATION, statement
from election_service.demo.university import Draws
from election_service.languages import LANGUAGES
from election_service.pages.assets import Assets
from election_service.persons import read_persons
from election_service.presentation import store_presentation
from election_service.profiles import import_profiles, list_photos
from election_service.service import Service

PHOTOS: Final = "photos"
PROFILES: Final = "profiles.csv"
_WITHOUT_PHOTO: Final = 9  # one in so many; and so on below, so that fall-backs are seen
_WITHOUT_ALL: Final = 11
_IN_ONE_LANGUAGE: Final = 5


async def show_election(service: Service, election: str, folder: Path, seed: int) -> int:
    """Texts, and a profile for nearly every candidate, from files that stay in the folder; returns how many."""
    async with service.database.transaction() as connection:
        await store_presentation(connection, election, PRESENTATION)
        students = sorted(await read_persons(connection, election))
        rows = await import_profiles(
            connection, election, write_profiles(folder, students, seed), list_photos(folder / PHOTOS)
        )
    return len(rows)


def write_profiles(folder: Path, students: list[str], seed: int) -> bytes:
    """The list of profiles, and the photos that it names, as a committee would hand them in."""
    (folder / PHOTOS).mkdir()
    draws = Draws(seed + 3)
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("student_id", "photo", *(f"statement_{language}" for language in LANGUAGES)))
    for student in students:
        if draws.below(_WITHOUT_ALL) == 0:
            continue
        photo = "" if draws.below(_WITHOUT_PHOTO) == 0 else f"{student}.png"
        if photo:
            (folder / PHOTOS / photo).write_bytes(draw_portrait(draws))
        said = statement(draws)
        spoken = LANGUAGES if draws.below(_IN_ONE_LANGUAGE) else (LANGUAGES[draws.below(len(LANGUAGES))],)
        writer.writerow((student, photo, *(said[language] if language in spoken else "" for language in LANGUAGES)))
    raw = out.getvalue().encode()
    (folder / PROFILES).write_bytes(raw)
    return raw


async def announce_booth(service: Service, committee: Committee) -> None:
    """Two members put the hash of the booth's program into the log; where it was never built there is none."""
    manifest = Assets().manifest
    if manifest is not None:
        await committee.decide(service, "booth", {"bundle": manifest.bundle_sha256})
