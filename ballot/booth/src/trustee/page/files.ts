// Files in and out. The tool has no connection: what it reads, its owner chooses; what it makes, its owner saves.

import type { Bytes } from "../../bytes.ts";
import { check } from "../../errors.ts";
import { h } from "./dom.ts";

/** What a file chooser offers first. */
export const KEY_FILES = ".key,.json,application/json";

export const fileInput = (accept: string, several = false): HTMLInputElement => h("input", { type: "file", accept, multiple: several });

const bytesOf = async (file: File): Promise<Bytes> => new Uint8Array(await file.arrayBuffer());

/** The chosen file; DataError ("no-file") where none was chosen. */
export async function chosen(input: HTMLInputElement): Promise<Bytes> {
  const file = input.files?.[0];
  check(file, "no file was chosen", "no-file");
  return bytesOf(file);
}

export const allChosen = async (input: HTMLInputElement): Promise<Bytes[]> => Promise.all([...(input.files ?? [])].map(bytesOf));
