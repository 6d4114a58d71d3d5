// What contests are called: contest documents carry no title, so it is the name of their position in the constitution,
// whose hash is in the log, and the part of the contest's id that names the block.

import { type Bytes, hex } from "./bytes.ts";
import { decode } from "./canonical.ts";
import { type Contest, LANGUAGE } from "./contest.ts";
import { check } from "./errors.ts";
import { WRONG_LOG } from "./log.ts";
import { answer, array, id, table, text } from "./schema.ts";
import { digest } from "./transcript.ts";

/** `names`: language → name of the position; `block`: faculty, department or class, readable; "" for the whole body. */
export interface Title {
  readonly names: { readonly [language: string]: string };
  readonly block: string;
}

export type PositionNames = ReadonlyMap<string, Title["names"]>;

const constitution = answer({ positions: array(answer({ id, name: table(LANGUAGE, text) })) });

/** The names of the positions, from the file whose SHA-256 the constitution entry states. */
export function readPositions(raw: Bytes, blob: string): PositionNames {
  check(hex(digest(raw)) === blob, "constitution", WRONG_LOG);
  return new Map(constitution(decode(raw), "constitution").positions.map((position) => [position.id, position.name]));
}

/** "computer-science.2" → "Computer science 2": ids are ASCII. */
function readable(part: string): string {
  const words = part.replace(/[-.]/g, " ").trim();
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** A contest whose position has no name is called by its id. */
export function titleOf({ contest, position }: Contest, positions: PositionNames): Title {
  const names = position === null ? undefined : positions.get(position);
  if (!names || Object.keys(names).length === 0) return { names: { en: readable(contest) }, block: "" };
  return { names, block: contest.startsWith(`${position}.`) ? readable(contest.slice(position!.length)) : "" };
}
