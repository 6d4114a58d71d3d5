// Builds the voter's pages into dist: scripts, style and texts under names that hold their hashes, the pages' HTML, and
// manifest.json, which names them all. A script knows the SHA-256 of the texts that it shows, so that its own hash, which
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

/**
 * Members that live within the voter's program only: terser gives them short names. A name that is also in a document or an
 * answer must not stand here; what browsers have keeps its name in any case.
 */
const MEMBERS = [
  "about", "ahead", "attempts", "audit", "begun", "castAll", "claim", "constitution", "disputed", "drawS",
  "envelope", "evidence", "holds", "inclusion", "is0", "jointKey", "keyId", "known", "logId", "logPrefix", "lookUp", "makeClaim", "makeTables",
  "negate", "plurals", "problem", "repeated", "requestToken", "respond", "retryAfter", "revealed", "secret", "sent", "shown", "subtract",
  "tile", "toAffine", "tokenOf", "tokenRequest", "uncertain", "unsent", "until", "votings", "weights", "withCode", "X", "Y", "Z",
];

/** A program for a page: esbuild bundles, lowers and minifies it, terser makes it 4 % smaller than esbuild alone would. */
async function program(entry, define, members = []) {
  const bundled = await bundle(entry, { format: "iife", define });
  const compress = {
    passes: 4,
    ecma: 2020,
    inline: 1,
    keep_fargs: false,
    lhs_constants: false,
    pure_getters: true,
    unsafe: true, // what it assumes is that nobody redefines Array, String and their like
    unsafe_methods: true,
  };
  const properties = { regex: new RegExp(`^(${members.join("|")})$`) };
  const { code } = await minify(bundled.toString(), { compress, mangle: { toplevel: true, properties }, ecma: 2020 });
  return Buffer.from(code);
}

/** Writes a file as NAME.<first 24 bytes of its SHA-256, base64url>.EXTENSION and gives that name: it is all that a script knows of it. */
async function put(name, extension, bytes) {
  const file = `${name}.${digest("sha256", bytes).subarray(0, 24).toString("base64url")}.${extension}`;
  await writeFile(join(dist, file), bytes);
  return file;
}

/** The numbers that stand for names of sentences in the voter's program. */
async function numbers() {
  const module = await bundle("src/page/keys.ts", { format: "esm" });
  return (await import(`data:text/javascript,${encodeURIComponent(module)}`)).Key;
}

/** The texts of a folder: language → the name of its file. */
async function texts(folder, keys = {}) {
  const files = {};
  for (const source of (await readdir(join(here, folder))).filter((name) => name.endsWith(".json")).sort()) {
    const sentences = Object.entries(JSON.parse(await readFile(join(here, folder, source), "utf8")));
    const table = Object.fromEntries(sentences.map(([key, text]) => [keys[key] ?? key, text]));
    files[source.slice(0, -".json".length)] = await put(folder, "json", Buffer.from(JSON.stringify(table)));
  }
  return files;
}

await mkdir(dist, { recursive: true });
const [spoken, checked] = [await texts("texts", await numbers()), await texts("texts-check")];
const define = { TEXTS: JSON.stringify(spoken), CHECK_TEXTS: JSON.stringify(checked) };
const complaint = await program("src/complaint/main.ts", define);
const complaintFile = await put("complaint", "js", complaint);
// The log names the booth's program, and so the program names that of the complaint, for whoever checks what is served.
const js = Buffer.concat([await program("src/page/main.ts", define, MEMBERS), Buffer.from(`// ${complaintFile}`)]);
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
  texts: spoken,
  complaint_js: complaintFile,
  complaint_js_sri: sri(complaint),
  complaint_js_sha256: sha256(complaint),
  check_js: await put("check", "js", check),
  check_js_sri: sri(check),
  check_js_sha256: sha256(check),
  check_texts: checked,
  committee_js: await put("committee", "js", committee),
  committee_js_sri: sri(committee),
  trustee_sha256: sha256(trustee),
};
for (const page of ["booth.html", "check.html"]) await writeFile(join(dist, page), await readFile(join(here, page)));
// The page of complaints is the booth's with another program in it.
const boothPage = await readFile(join(here, "booth.html"), "utf8");
const complaintPage = boothPage.replace(/{{ (js|js_sri) }}/g, "{{ complaint_$1 }}").replace("{{ bundle_sha256 }}", "{{ complaint_js_sha256 }}");
await writeFile(join(dist, "complaint.html"), complaintPage);
await writeFile(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
await rm(target, { recursive: true, force: true });
await rename(dist, target);
