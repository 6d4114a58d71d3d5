// Everything of the trustees' tool but its page, for tests.

export * from "../base64url.ts";
export * from "../bytes.ts";
export * from "../canonical.ts";
export * from "../curve.ts";
export * from "../errors.ts";
export * from "../keyfile.ts";
export * from "../transcript.ts";
export * from "./ceremony.ts";
export * from "./file.ts";
export * as hpke from "./hpke.ts";
export * from "./messages.ts";
export * from "./session.ts";
export * from "./share.ts";
export * from "./tool.ts";
export * from "./archive.ts";
export * from "./log/multi.ts";
export * from "./log/verify.ts";
export * from "./work.ts";
