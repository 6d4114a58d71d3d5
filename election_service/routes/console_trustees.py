"""The trustees, for programs of the committee. Their messages go to `POST /trustee-messages`, as everybody's."""

from election_service.console.trustee_desk import ROUNDS, IdentityKey, read_trustees, store_identity
from election_service.console.trustee_types import TrusteeItem, TrusteeKeyItem, TrusteesAnswer
from election_service.routes.call import Call
from keys.canonical import b64


async def show_trustees(call: Call) -> TrusteesAnswer:
    """Who has done what, and whether enough can decrypt."""
    view = await read_trustees(call.service, call.election)
    return TrusteesAnswer(
        state=view.state,
        k=view.k,
        n=view.n,
        attempt=view.attempt,
        waits=view.waits,
        guilty=view.guilty,
        poll=view.poll,
        able=view.able,
        wanted=view.shares.wanted if view.shares else 0,
        ready=view.shares.ready if view.shares else 0,
        trustees=[
            TrusteeItem(
                number=line.number,
                name=line.name,
                identity=b64(line.key),
                fingerprint=line.fingerprint,
                done=[name for name in ROUNDS if name in line.done],
                canary=line.canary,
                good=line.good,
            )
            for line in view.lines
        ],
        keys=[_item(item) for item in view.keys],
    )


async def tell_key(call: Call) -> TrusteeKeyItem:
    """Note one's own identity key."""
    return _item(await store_identity(call.service, call.election, call.who.account, call.request.identity))


def _item(item: IdentityKey) -> TrusteeKeyItem:
    identity = None if item.key is None else b64(item.key)
    return TrusteeKeyItem(account=item.account, name=item.name, identity=identity, fingerprint=item.fingerprint)
