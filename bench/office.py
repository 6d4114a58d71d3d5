"""A real election with an open poll for the load: four contests of five options, issuer keys of 3072 bits."""

import os
from dataclasses import dataclass
from pathlib import Path

from audit.entries import format_time
from ballot.contest import Option
from election_service.candidate_law import POSITIONS
from election_service.config import Config
from election_service.demo.people import Committee, hold_ceremony, make_members, make_trustees, show_canaries
from election_service.demo.rules import demo_constitution, sign_readings
from election_service.demo.university import Student, roll_csv
from election_service.electorates import make_blocks
from election_service.installation import install, write_config
from election_service.poll import opening_data
from election_service.proposals import electorate_acts
from election_service.registrar import electors_of
from election_service.registration import electorate_proposals, register_in_service
from election_service.roll import freeze_roll, import_roll, read_roll
from election_service.service import Service, open_service
from election_service.setup import ContestPlan, ElectionPlan, create_election, plan_contests, store_blob
from tally.constitution import dump_constitution

ELECTION = "bench"
PASSPHRASE = "only for a measurement"
HOURS = 24
OPTIONS = 5


@dataclass(frozen=True, slots=True)
class Office:
    """What the load needs to know: where, and the voters' links."""

    config: Config
    config_file: Path
    log_id: bytes
    contests: int
    links: tuple[str, ...]


async def open_office(folder: Path, database_url: str, port: int, voters: int) -> Office:
    """Everything up to the open poll. All students are in one class, so each has the same four contests."""
    config = Config(
        database_url=database_url,
        state_dir=folder / "state",
        master_key_file=folder / "master.key",
        public_url=f"http://localhost:{port}",
        port=port,
        health_port=port + 1,
    )
    file = folder / "election.toml"
    write_config(config, file)
    await install(config)
    members = make_members(folder, PASSPHRASE)
    trustees = make_trustees(folder, ELECTION, PASSPHRASE)
    async with open_service(config) as service:
        plan = ElectionPlan(
            election=ELECTION,
            title="Load",
            members=[(member.id, member.public) for member in members],
            second_factor="none",
            waiver="bench: made-up voters have no mailbox for a second factor",
        )
        committee = Committee(ELECTION, await create_election(service, plan), members)
        blob = await store_blob(service, ELECTION, dump_constitution(demo_constitution()))
        await committee.decide(service, "constitution", {"blob": blob})
        joint = await hold_ceremony(service, committee, trustees)
        await sign_readings(service, committee)
        plans, links = await _enrol(service, committee, voters)
        contests = await plan_contests(service, ELECTION, 1, plans)
        await show_canaries(service, committee, trustees, joint, 1)
        closes = format_time(service.clock() + 3600 * HOURS)
        await committee.decide(service, "poll.opened", await opening_data(service, ELECTION, 1, closes))
    return Office(config, file, committee.log_id, len(contests), links)


async def _enrol(service: Service, committee: Committee, voters: int) -> tuple[list[ContestPlan], tuple[str, ...]]:
    """Roll, electorates, links; the contests to be, one for each block."""
    students = [Student(f"25{number:06d}", f"Voter {number}", "Law", "Law", 1) for number in range(voters)]
    roll = read_roll(roll_csv(students))
    async with service.database.transaction() as connection:
        await import_roll(connection, ELECTION, roll)
        await freeze_roll(connection, ELECTION)
        url = service.config.public_url
        links = await register_in_service(connection, service.master, ELECTION, url, os.urandom)
    async with service.database.snapshot() as connection:
        proposals = await electorate_proposals(connection, ELECTION)
    for kind, fields in electorate_acts(proposals):
        await committee.decide(service, kind, fields)
    names = [f"option {number}" for number in range(OPTIONS - 1)]
    options = [Option(id=name.replace(" ", "-"), name={"en": name.title()}, blank=False) for name in names]
    options.append(Option(id="blank", name={"en": "None of these"}, blank=True))
    blocks = make_blocks(electors_of(roll.eligible))
    plans = [
        ContestPlan(f"contest-{number}", position, block.id, options)
        for number, (position, block) in enumerate(zip(POSITIONS, blocks, strict=True))
    ]
    return plans, tuple(link.link for link in links)
