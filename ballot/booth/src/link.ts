// Ballot links (protocol §4): https://HOST/vote/ELECTION#base64url(seed ‖ first 16 bytes of the log id).

import { unb64 } from "./base64url.ts";
import type { Bytes } from "./bytes.ts";
import { check, DataError } from "./errors.ts";
import { ID } from "./schema.ts";

const SEED_SIZE = 32;
const PREFIX_SIZE = 16;

export interface Link {
  readonly election: string;
  readonly seed: Bytes;
  /** the booth works with no log whose id begins otherwise */
  readonly logPrefix: Bytes;
}

/** The fragment of the test mode, which needs no login. */
export const TEST = "#test";

/** The election that a booth's address names; DataError where it names none. */
export function electionOf(pathname: string): string {
  const [, election] = /^\/vote\/([^/]+)$/.exec(pathname) ?? [];
  check(election && ID.test(election), "address", "link-invalid");
  return election;
}

/** DataError where the fragment is that of no ballot link. */
export function parseLink(election: string, fragment: string): Link {
  check(fragment, "link", "link-missing");
  try {
    const raw = unb64(fragment.slice(1), SEED_SIZE + PREFIX_SIZE, "link");
    return { election, seed: raw.slice(0, SEED_SIZE), logPrefix: raw.slice(SEED_SIZE) };
  } catch {
    throw new DataError("link", "link-invalid");
  }
}
