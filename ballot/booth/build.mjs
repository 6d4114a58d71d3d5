// Builds the booth: dist/booth.<hash>.js, dist/booth.<hash>.css, dist/booth.html, dist/manifest.json.
// The bytes depend on the sources and on package-lock.json only, so that anybody can rebuild what the log names (A83).

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dist = process.argv[2] ?? join(here, "dist");

/** The oldest browsers that have what the booth needs: BigInt, WebCrypto, replaceChildren. */
export const TARGET = ["es2020", "safari14.1", "chrome87", "firefox78"];

async function bundle(entry, options) {
  const result = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    charset: "utf8",
    legalComments: "none",
    target: TARGET,
    logLevel: "error",
    ...options,
  });
  return Buffer.from(result.outputFiles[0].contents);
}

const js = await bundle("src/page/main.ts", { format: "iife" });
const css = await bundle("booth.css", {});
const digest = (algorithm, bytes, encoding) => createHash(algorithm).update(bytes).digest(encoding);
const named = (bytes, extension) => `booth.${digest("sha256", bytes, "hex").slice(0, 16)}.${extension}`;
const manifest = {
  js: named(js, "js"),
  css: named(css, "css"),
  js_sri: `sha384-${digest("sha384", js, "base64")}`,
  bundle_sha256: digest("sha256", js, "hex"),
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await writeFile(join(dist, manifest.js), js);
await writeFile(join(dist, manifest.css), css);
await writeFile(join(dist, "booth.html"), await readFile(join(here, "booth.html")));
await writeFile(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
