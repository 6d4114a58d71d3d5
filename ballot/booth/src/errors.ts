// The three families of errors, as in keys/errors.py: hostile data, a peer or the network, our own bug.

/** Base of all; `code` is the stable problem type of the HTTP interface (kebab-case). */
export class BoothError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Hostile or broken data: what was received is not what the protocol allows. `what` names the place, the code the fault. */
export class DataError extends BoothError {
  constructor(what: string, code = "malformed") {
    super(code, `${what}: ${code}`);
  }
}

/** Refuses data unless `holds`. `what` names the place in a word or two: a bundle has little room (docs/adr/0008). */
export function check(holds: unknown, what: string, code?: string): asserts holds {
  if (!holds) throw new DataError(what, code);
}

/** The service refused, or could not be reached. `uncertain`: the request may have had its effect all the same. */
export class PeerError extends BoothError {
  constructor(
    code: string,
    message: string,
    readonly uncertain: boolean,
    readonly answer: unknown = null,
    readonly retryAfter: number | null = null,
  ) {
    super(code, message);
  }
}

/** Whether the service answered with such a code. */
export const hasCode = (error: unknown, codes: RegExp): error is PeerError => error instanceof PeerError && codes.test(error.code);

/** Our own bug. */
export class InternalError extends BoothError {
  constructor(message: string) {
    super("internal", message);
  }
}

/** For what only a bug of ours can break. */
export function must(holds: unknown, what: string): asserts holds {
  if (!holds) throw new InternalError(what);
}
