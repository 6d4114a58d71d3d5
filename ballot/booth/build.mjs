// Builds the voter's pages into dist: scripts, style and texts under names that hold their hashes, the pages' HTML, and
// manifest.json, which names them all. A script knows the SHA-256 of every text that it shows, so that its own hash, which
// the log names, covers the words as well. The bytes depend on the sources and on package-lock.json only, so that anybody
// can rebuild them (A83).

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { minify } from "terser";
import { trusteePage } from "./trustee.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "dist");
const dist = `${target}.${process.pid}`; // takes the target's place when it is whole

/** The oldest browsers that have what the booth needs: BigInt, WebCrypto, replaceChildren. */
const TARGET = ["es2020", "safari14.1", "chrome87", "firefox78"];

const digest = (algorithm, bytes, encoding) => createHash(algorithm).update(bytes).digest(encoding);
const sha256 = (bytes) => digest("sha256", bytes, "hex");
const sri = (bytes) => `sha384-${digest("sha384", bytes, "base64")}`;

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
    supported: { "optional-chain": true, "nullish-coalescing": true }, // esbuild is wary of spread arguments, which none has
    logLevel: "error",
    ...options,
  });
  return Buffer.from(result.outputFiles[0].contents);
}

/** A program for a page: esbuild bundles, lowers and minifies it, terser makes it 4 % smaller than esbuild alone would. */
async function program(entry, define) {
  const bundled = await bundle(entry, { format: "iife", define });
  const compress = { passes: 4, ecma: 2020, unsafe_arrows: true, unsafe_methods: true, pure_getters: true, keep_fargs: false, inline: 1, sequences: false };
  const { code } = await minify(bundled.toString(), { compress, mangle: { toplevel: true }, ecma: 2020 });
  return Buffer.from(code);
}

/** Writes a file as NAME.<first 16 digits of its SHA-256>.EXTENSION and gives that name. */
async function put(name, extension, bytes) {
  const file = `${name}.${sha256(bytes).slice(0, 16)}.${extension}`;
  await writeFile(join(dist, file), bytes);
  return file;
}

/** The texts of a folder, language by language: the names of the files, and their hashes for the script. */
async function texts(folder) {
  const [files, hashes] = [{}, {}];
  for (const source of (await readdir(join(here, folder))).filter((name) => name.endsWith(".json")).sort()) {
    const bytes = Buffer.from(JSON.stringify(JSON.parse(await readFile(join(here, folder, source), "utf8"))));
    const language = source.slice(0, -".json".length);
    files[language] = await put(`${folder}.${language}`, "json", bytes);
    hashes[language] = sha256(bytes);
  }
  return { files, hashes };
}

await mkdir(dist, { recursive: true });
const [spoken, checked] = [await texts("texts"), await texts("texts-check")];
const define = { TEXTS: JSON.stringify(spoken.hashes), CHECK_TEXTS: JSON.stringify(checked.hashes) };
const js = await program("src/page/main.ts", define);
const check = await program("src/check/main.ts", define);
const css = await bundle("booth.css", {});
const committee = await program("src/committee/main.ts", {});
const trustee = await trusteePage(here, program, (entry) => bundle(entry, {}));
await writeFile(join(dist, "trustee.html"), trustee);
const manifest = {
  js: await put("booth", "js", js),
  css: await put("booth", "css", css),
  js_sri: sri(js),
  bundle_sha256: sha256(js),
  texts: spoken.files,
  check_js: await put("check", "js", check),
  check_js_sri: sri(check),
  check_js_sha256: sha256(check),
  check_texts: checked.files,
  committee_js: await put("committee", "js", committee),
  committee_js_sri: sri(committee),
  trustee_sha256: sha256(trustee),
};
for (const page of ["booth.html", "check.html"]) await writeFile(join(dist, page), await readFile(join(here, page)));
await writeFile(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
await rm(target, { recursive: true, force: true });
await rename(dist, target);
