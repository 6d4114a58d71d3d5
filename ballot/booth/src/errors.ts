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

/** Hostile or broken data: what was received is not what the protocol allows. */
export class DataError extends BoothError {
  constructor(message: string, code = "malformed") {
    super(code, message);
  }
}

/** Refuses data unless `holds`. `what` names the place and the fault, in a few words: a bundle has little room. */
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

/** Our own bug. */
export class InternalError extends BoothError {
  constructor(message: string) {
    super("internal", message);
  }
}
