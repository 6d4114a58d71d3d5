// Builds the trustees' tool: one HTML file that holds script, style and texts, and whose policy allows exactly these bytes
// and no connection at all (docs/trustee.md). Same bytes from the same sources, like everything here.

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const source = (bytes) => `'sha256-${createHash("sha256").update(bytes).digest("base64")}'`;

/** The texts of all languages, as the script holds them. */
async function texts(folder) {
  const found = {};
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".json")).sort()) {
    found[name.slice(0, -".json".length)] = JSON.parse(await readFile(join(folder, name), "utf8"));
  }
  return JSON.stringify(found);
}

/** The page's bytes; `program` and `style` are those of build.mjs. */
export async function trusteePage(here, program, style) {
  const script = (await program("src/trustee/page/main.ts", { TRUSTEE_TEXTS: await texts(join(here, "texts-trustee")) })).toString();
  const css = (await style("trustee.css")).toString();
  if (/<\/(script|style)|<!--/i.test(script + css)) throw new Error("trustee.html: script or style would end its own element");
  const policy = [
    "default-src 'none'",
    `script-src ${source(script)}`,
    `style-src ${source(css)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  const parts = { policy, style: css, script };
  const page = await readFile(join(here, "trustee.html"), "utf8");
  return Buffer.from(page.replace(/\{\{ (\w+) \}\}/g, (_, name) => parts[name]));
}
