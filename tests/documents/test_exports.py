"""The result for programs: what the log says, in cells that no spreadsheet computes."""

from __future__ import annotations

import csv
import io
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.entries import parse_time
from audit.source import MemorySource
from election_service.documents.exports import COLUMNS, FORMAT, cell, make_csv, make_json
from election_service.documents.record import read_record
from keys.canonical import b64
from tests.attacks.payloads import INJECTIONS
from tests.documents.sample import NAMES, record, sample
from tests.simulated.year import contest as planned
from tests.simulated.year import first_tour

DANGEROUS = "=+-@"
SEPARATORS = ",;\t|\r\n"


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(make_csv(record()).decode("utf-8-sig"), newline="")))


def test_the_table_has_a_row_for_each_option_and_the_documented_columns() -> None:
    found = rows()
    documents = [item.figures.document for item in record().contests]
    options = [(document.contest, option.id) for document in documents if document for option in document.options]
    assert [(row["contest"], row["option"]) for row in found] == options
    assert tuple(found[0]) == COLUMNS
    first = found[0]
    assert (first["election"], first["poll"], first["standing"]) == ("sim-2026", "1", "certified")
    assert (first["entitled"], first["ballots"], first["tokens"], first["slack"]) == ("30", "24", "25", "1")
    assert (first["option"], first["votes"], first["elected"], first["blank"]) == ("nino", "11", "0", "0")
    assert first["name_ka"] == "ნინო ბერიძე"
    assert (first["log"], first["entries"]) == (b64(sample().log_id), str(len(sample().log.entries)))
    winner = next(row for row in found if row["option"] == "aygun")
    assert (winner["elected"], winner["outcome"], winner["seat_status"], winner["seat_person"]) == (
        "1",
        "elected",
        "filled",
        "aygun",
    )
    assert winner["name_az"] == "Aygün Şıxəliqızı Çobanzadə"
    assert winner["name_ru"] == ""


def test_the_file_is_what_spreadsheets_expect() -> None:
    raw = make_csv(record())
    assert raw.startswith(b"\xef\xbb\xbfelection,log,")
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\r\n") == len(rows()) + 1
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_names_of_the_log_do_not_compute_in_a_spreadsheet() -> None:
    names = {row["name_en"] for row in rows()}
    assert "'=SUM(1+1)*cmd|' /C calc'!A0" in names
    assert NAMES["markup"]["en"] in names


@pytest.mark.parametrize(
    "text", [*INJECTIONS, "=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "a;=1", 'a",=1', "＝1", "a|=1"]
)
def test_a85_no_text_begins_a_formula(text: str) -> None:
    made = cell(text)
    assert begins_no_formula(made)
    assert made.replace("'", "") == text.replace("'", "")


def begins_no_formula(text: str) -> bool:
    """However a spreadsheet cuts the line into cells."""
    cells = [text]
    for separator in SEPARATORS:
        cells = [part for piece in cells for part in piece.split(separator)]
    return not any(part.strip(' "').startswith(tuple(DANGEROUS)) for part in cells)


@given(st.text(alphabet="a=+-@;,\t\r\n| 'x1", max_size=20))
def test_a85_no_text_at_all_begins_a_formula(text: str) -> None:
    assert begins_no_formula(cell(text))


@given(st.text(max_size=40).filter(lambda text: not set(text) & set("=+-@＝＋－＠")))
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


def test_the_data_says_what_the_log_says() -> None:
    found = json.loads(make_json(record()))
    facts = record().facts
    assert found["format"] == FORMAT
    assert (found["log"], found["entries"], found["root"]) == (b64(facts.log_id), facts.entries, b64(facts.root))
    assert found["standing"] == "certified"
    assert parse_time(found["declared"]) == record().declared
    for item, contest in zip(record().contests, found["contests"], strict=True):
        assert [option["votes"] for option in contest["options"]] == item.result.counts
        assert {key: contest[key] for key in msgspec.structs.asdict(item.result)} == msgspec.to_builtins(item.result)
        assert contest["slack"] == item.figures.slack
    assert found["contests"][0]["options"][0]["name"] == NAMES["nino"]
    assert found["contests"][1]["options"][3]["name"]["en"] == NAMES["formula"]["en"]  # as it is
    assert found["complaints"][0]["ruling"] == "rejected"
    assert [act["kind"] for act in found["acts"]][-1] == "result.certified"
    assert found["agenda"][0]["kind"] == "second-tour"


def test_withheld_counts_are_empty_cells_and_null() -> None:
    election = first_tour([planned("president", {"ana": 3}), planned("law", {"nino": 1})], 4, {"law": range(2)})
    found = read_record(MemorySource(election.log.files()), 1)
    table = list(csv.DictReader(io.StringIO(make_csv(found).decode("utf-8-sig"), newline="")))
    assert {(row["outcome"], row["votes"]) for row in table if row["contest"] == "law"} == {("withheld", "")}
    contests = {contest["contest"]: contest for contest in json.loads(make_json(found))["contests"]}
    assert [option["votes"] for option in contests["law"]["options"]] == [None, None]
    assert contests["law"]["counts"] is None


def test_two_runs_give_the_same_bytes() -> None:
    again = read_record(MemorySource(sample().log.files()), 1)
    assert (make_csv(again), make_json(again)) == (make_csv(record()), make_json(record()))
