// What a page says, in one of four languages. The texts are files of their own; their names, which hold 24 bytes of their
// SHA-256, stand in the bundle, so that the bundle's fingerprint in the log covers every word (A83).

import { b64 } from "../base64url.ts";
import { fromUtf8 } from "../bytes.ts";
import { check } from "../errors.ts";
import { digest } from "../transcript.ts";

export type Values = { readonly [name: string]: string | number };
type Plural = { readonly [category: string]: string };
type Table = { readonly [key: string]: string | Plural };
/** Language → the name of its file; the build defines it. */
export type Files = { readonly [language: string]: string };

export const LANGUAGES = ["en", "ka", "az", "ru"] as const;

/** The first language of the browser's list that there is, or English. */
export const preferred = (wanted: readonly string[], files: Files): string =>
  wanted.map((tag) => tag.slice(0, 2)).find((tag) => tag in files) ?? "en";

export class Texts {
  private readonly plurals: Intl.PluralRules;

  constructor(
    readonly language: string,
    private readonly table: Table,
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

/** Gets the file of a language and refuses one that has not the hash of its name. */
export async function fetchTexts(files: Files, language: string): Promise<Texts> {
  const name = files[language]!;
  const answer = await fetch(`/static/${name}`, { credentials: "omit" });
  const raw = new Uint8Array(await answer.arrayBuffer());
  check(name.split(".")[1] === b64(digest(raw).slice(0, 24)), "texts");
  return new Texts(language, JSON.parse(fromUtf8(raw)) as Table);
}
