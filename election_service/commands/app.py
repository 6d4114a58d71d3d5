"""The command `election-service`, assembled."""

import typer

from election_service.commands import (
    constitution,
    invite,
    law,
    mail,
    member,
    messages,
    operator,
    poll,
    registrar,
    reissue,
    result,
    roll,
    trustee,
    voices,
)
from election_service.commands.booth import booth
from election_service.commands.demo import demo
from election_service.commands.documents import documents
from election_service.commands.texts import texts

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run an election, or take your part in one.",
)
app.command("demo")(demo)
app.command("init")(operator.init)
app.command("invite")(invite.invite)
app.command("serve")(operator.serve)
app.command("booth")(booth)
app.command("doctor")(operator.doctor)
app.command("export")(operator.export)
app.command("documents")(documents)
app.command("tally")(result.tally)
app.command("certify")(result.certify)
app.command("annul")(result.annul)
app.command("backup")(result.backup)
app.command("seats")(law.seats)
app.command("texts")(texts)
app.add_typer(constitution.app, name="constitution")
app.add_typer(law.app, name="decision")
app.add_typer(voices.complaint, name="complaint")
app.add_typer(voices.petition, name="petition")
app.add_typer(voices.open_vote, name="open-vote")
app.add_typer(mail.app, name="mail")
app.add_typer(member.app, name="member")
app.add_typer(messages.app, name="messages")
app.add_typer(poll.app, name="poll")
registrar.app.command("reissue")(reissue.reissue)
registrar.app.command("reissue-offline")(reissue.reissue_offline)
registrar.app.command("import-reissue")(reissue.import_reissue)
registrar.app.command("requests")(reissue.requests)
app.add_typer(registrar.app, name="registrar")
app.add_typer(roll.app, name="roll")
app.add_typer(trustee.app, name="trustee")
