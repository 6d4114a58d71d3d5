// The booth's modules for Node.js: bundled by esbuild like the page, without minifying.

import { build } from "esbuild";
import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const booth = join(dirname(fileURLToPath(import.meta.url)), "..");
const cache = join(booth, "node_modules", ".cache");

/** What these lines of TypeScript export, as seen from the booth's folder; `name` is that of the file in the cache. */
export async function load(name, contents) {
  const own = join(cache, `${name}-${process.pid}.mjs`);
  const stdin = { contents, resolveDir: booth, loader: "ts" };
  await build({ stdin, bundle: true, format: "esm", target: "es2020", outfile: own, logLevel: "error" });
  const shared = join(cache, `${name}.mjs`);
  await rename(own, shared); // in one step, so that parallel test runs never read half a file
  return import(pathToFileURL(shared).href);
}

/** All but the pages. */
export const library = await load("library", `export * from "./src/library.ts";`);
