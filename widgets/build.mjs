// Bundles every shell into one self-contained ES module and one style sheet:
// src/shells/<name>.ts -> ../src/lorairo/widgets/static/<name>.js and <name>.css.
// The stamp beside them is the hash of the sources; hatch_build.py compares it and builds only when it differs.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const shells = join(here, "src", "shells");
const out = join(here, "..", "src", "lorairo", "widgets", "static");
const CONFIG = ["build.mjs", "package-lock.json", "package.json", "tsconfig.json"];

/** The hash hatch_build.py computes too: sorted posix paths, CRLF as LF. */
async function sourceHash() {
  const entries = await readdir(join(here, "src"), { recursive: true, withFileTypes: true });
  const sources = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(here, join(entry.parentPath, entry.name)).split(sep).join("/"));
  const hash = createHash("sha256");
  for (const path of [...sources, ...CONFIG].sort()) {
    const text = (await readFile(join(here, path))).toString("latin1").replaceAll("\r\n", "\n");
    hash.update(`${path}\0`).update(Buffer.from(text, "latin1")).update("\0");
  }
  return hash.digest("hex");
}

const stamp = await sourceHash();
const names = (await readdir(shells)).filter((name) => name.endsWith(".ts")).sort();
const watch = process.argv.includes("--watch");
await mkdir(out, { recursive: true });
await rm(join(out, "stamp"), { force: true });

for (const name of names) {
  const options = {
    entryPoints: [join(shells, name)],
    outdir: out,
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: !watch,
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    absWorkingDir: here,
  };
  if (watch) await (await context(options)).watch();
  else await build(options);
}
if (!watch) {
  await writeFile(join(out, "stamp"), `${stamp}\n`);
  for (const name of (await readdir(out)).sort()) {
    if (/\.(js|css)$/.test(name)) {
      const { length } = await readFile(join(out, name));
      process.stdout.write(`${name.padEnd(18)} ${(length / 1024).toFixed(1).padStart(6)} KB\n`);
    }
  }
}
