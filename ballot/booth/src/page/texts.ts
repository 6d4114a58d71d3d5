// What a page says, in one of four languages. The texts are files of their own; their SHA-256 stand in the bundle, so that
// the bundle's fingerprint in the log covers every word (A83).

import { fromUtf8, hex } from "../bytes.ts";
import { DataError } from "../errors.ts";
import { digest } from "../transcript.ts";

/** Language → SHA-256 of its file; the build defines it. */
export type Hashes = { readonly [language: string]: string };
export type Values = { readonly [name: string]: string | number };
type Plural = { readonly [category: string]: string };

export const LANGUAGES = ["en", "ka", "az", "ru"] as const;

/** The first language of the browser's list that there is, or English. */
export const preferred = (wanted: readonly string[], hashes: Hashes): string =>
  wanted.map((tag) => tag.slice(0, 2)).find((tag) => tag in hashes) ?? "en";

export class Texts {
  private readonly plurals: Intl.PluralRules;

  constructor(
    readonly language: string,
    private readonly table: { readonly [key: string]: string | Plural },
  ) {
    this.plurals = new Intl.PluralRules(language);
  }

  has(key: string): boolean {
    return key in this.table;
  }

  /** The sentence with its values filled in; the value `count` chooses among the forms of a plural. */
  say(key: string | number, values: Values = {}): string {
    const found = this.table[key] ?? "";
    const text = typeof found === "string" ? found : (found[this.plurals.select(Number(values["count"]))] ?? found["other"]!);
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  }
}

/** Gets `<name>.<language>.<hash>.json` and refuses a file that is not the one that the bundle knows. */
export async function fetchTexts(name: string, hashes: Hashes, language: string): Promise<Texts> {
  const hash = hashes[language] ?? "";
  const answer = await fetch(`/static/${name}.${language}.${hash.slice(0, 16)}.json`, { credentials: "omit" });
  const raw = new Uint8Array(await answer.arrayBuffer());
  if (hex(digest(raw)) !== hash) throw new DataError("texts");
  return new Texts(language, JSON.parse(fromUtf8(raw)) as { [key: string]: string | Plural });
}
