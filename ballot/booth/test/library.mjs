// The booth's modules for Node.js: bundled by esbuild like the page, without minifying.

import { build } from "esbuild";
import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const booth = join(dirname(fileURLToPath(import.meta.url)), "..");
const file = join(booth, "node_modules", ".cache", `library-${process.pid}.mjs`);

const entry = {
  contents: `export * from "./src/library.ts";
    export { faultOf, ruleOf } from "./src/page/choice.ts";
    export { qr } from "./src/page/qr.ts";
    export { Texts } from "./src/page/texts.ts";`,
  resolveDir: booth,
  loader: "ts",
};

await build({ stdin: entry, bundle: true, format: "esm", target: "es2020", outfile: file, logLevel: "error" });
const shared = join(dirname(file), "library.mjs");
await rename(file, shared); // in one step, so that parallel test runs never read half a file

export const library = await import(pathToFileURL(shared).href);
