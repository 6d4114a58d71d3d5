"""What rogue trustees and a malicious service can make: wrong content under signatures of their own."""

import msgspec

from keys import canonical, schnorr
from keys.canonical import b64, unb64
from keys.curve import Point
from keys.transcript import Tag, digest, u64
from tally.share import ShareContext
from tally.wire import ShareData


def sign_share(where: ShareContext, share: ShareData, identity_secret: bytes) -> ShareData:
    """The trustee's signature on any content, written out from docs/protocol.md §9."""
    plain = msgspec.to_builtins(share)
    del plain["signature"]
    message = digest(Tag.TRUSTEE_TALLY, where.session, u64(share.i), canonical.encode(plain))
    return msgspec.structs.replace(share, signature=b64(schnorr.sign(identity_secret, message, bytes(32))))


def shifted_share(where: ShareContext, share: ShareData, identity_secret: bytes, by: Point) -> ShareData:
    """The first decryption off by a point, signed again: would move a count if nobody looked at the proof."""
    items = list(share.shares)
    number = next(number for number, item in enumerate(items) if item is not None)
    item = items[number]
    assert item is not None
    moved = Point.from_bytes(unb64(item.d, 33, "d")) + by
    items[number] = msgspec.structs.replace(item, d=b64(moved.to_bytes()))
    return sign_share(where, msgspec.structs.replace(share, shares=items), identity_secret)
