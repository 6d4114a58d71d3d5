// A complaint about a declared result: signed by the voter's credential, public in the log (protocol §9). It needs no login:
// the signature says who it is.

import { Api } from "../api.ts";
import { type Bytes, equal, fromUtf8, type Random, u64, utf8 } from "../bytes.ts";
import { encode } from "../canonical.ts";
import { credential } from "../derive.ts";
import { check } from "../errors.ts";
import type { Link } from "../link.ts";
import { verifyLog, WRONG_LOG } from "../log.ts";
import { answer, natural } from "../schema.ts";
import { sign } from "../schnorr.ts";
import { Tiles } from "../tiles.ts";
import { H } from "../transcript.ts";

export const MAX_COMPLAINT = 2000; // characters (protocol §9)

const complaintAnswer = answer({ seq: natural() });

/** Where complaints go. */
export class ComplaintApi extends Api {
  /** Files a complaint about a poll, for everybody to read, and gives the number of its log entry. */
  async complain(link: Link, poll: number, text: string, random: Random): Promise<number> {
    const said = text.normalize("NFC").trim();
    check(said && [...said].length <= MAX_COMPLAINT, "complaint");
    const logId = await this.logId(link);
    const { key, secret } = await credential(link.seed, link.election);
    const signature = sign(secret, H("es1/complaint", logId, u64(poll), key, utf8(said)), random(32));
    const body = encode({ poll, credential: key, text: said, signature });
    return (await this.call("/complaints", complaintAnswer, { body, attempts: 1 })).seq; // each one is logged
  }

  /** The id of the log that the link names: the hash of its entry 0, under a checkpoint that is signed as that entry asks. */
  async logId({ logPrefix, election }: Link): Promise<Bytes> {
    const { log } = await this.about();
    const note = fromUtf8(await this.file("checkpoint"));
    const tiles = new Tiles((path) => this.file(path), Number(note.split("\n")[1])); // verifyLog reads the size strictly
    const first = { seq: 0, entry: await tiles.entry(0), proof: await tiles.inclusion(0) };
    const { logId } = await verifyLog(note, [first], logPrefix, election);
    check(equal(log, logId), "log", WRONG_LOG);
    return logId;
  }
}
