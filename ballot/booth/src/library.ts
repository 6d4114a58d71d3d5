// Everything but the page, for tests and tools. The page's bundle does not contain what only this exports.

export * from "./api.ts";
export * from "./ballot.ts";
export * from "./base64url.ts";
export * from "./blindrsa.ts";
export * from "./bytes.ts";
export * from "./canonical.ts";
export * from "./ceremony.ts";
export * from "./checkpoint.ts";
export * from "./contest.ts";
export * from "./curve.ts";
export * from "./derive.ts";
export * from "./ed25519.ts";
export * from "./encryption.ts";
export * from "./errors.ts";
export * from "./evidence.ts";
export * from "./link.ts";
export * from "./log.ts";
export * from "./merkle.ts";
export * from "./proof.ts";
export * from "./receipt.ts";
export * from "./recovery.ts";
export * from "./schema.ts";
export * as schnorr from "./schnorr.ts";
export * from "./session.ts";
export * from "./token.ts";
export * from "./transcript.ts";
export * from "./verification.ts";
