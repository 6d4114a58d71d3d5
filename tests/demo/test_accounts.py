"""The demo's members find their accounts and their keys in the console."""

from pathlib import Path

from sqlalchemy import select

from election_service import schema_console
from election_service.config import Config
from election_service.console.invitations import redeem
from election_service.console.roles import SERVICE
from election_service.console.signing_keys import signing_keys
from election_service.demo.accounts import invite_committee
from election_service.demo.people import MEMBERS, make_members
from election_service.demo.preparation import ELECTION, TITLE
from election_service.installation import install
from election_service.service import open_service
from election_service.setup import ElectionPlan, create_election


async def test_every_member_gets_a_link_that_opens_an_account_with_the_member_s_key(tmp_path: Path) -> None:
    config = Config(
        database_url=f"sqlite:///{tmp_path}/election.db",
        state_dir=tmp_path / "state",
        master_key_file=tmp_path / "master.key",
        public_url="http://localhost:8080",
    )
    await install(config)
    members = make_members(tmp_path, "a passphrase of the demo")
    keys = [(member.id, member.public) for member in members]
    plan = ElectionPlan(election=ELECTION, title=TITLE, members=keys, second_factor="none", waiver="demo")
    async with open_service(config) as service:
        await create_election(service, plan)
    files = [tmp_path / f"member-{name}.key" for name in MEMBERS]
    links = await invite_committee(config, ELECTION, files)
    assert list(links) == list(MEMBERS)
    table = schema_console.account_roles
    async with open_service(config) as service, service.database.transaction() as connection:
        accounts = {name: await redeem(service, connection, link.partition("#")[2]) for name, link in links.items()}
        stored = {key.account: (key.member, key.public_key) for key in await signing_keys(connection, ELECTION)}
        roles = {
            tuple(row) for row in await connection.execute(select(table.c.account, table.c.election, table.c.role))
        }
    assert stored == {accounts[member]: (member, public) for member, public in keys}
    chair, *others = accounts.values()
    assert roles == {(chair, SERVICE, "chair"), (chair, ELECTION, "chair")} | {
        (account, ELECTION, "member") for account in others
    }
