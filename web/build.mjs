// Builds what the console serves: bundles and style sheets under names that hold a hash of their content, each also
// compressed, and a list of them. The server reads the list; nothing else knows the names.

import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.env.COMITY_ASSETS ?? join(here, "../src/comity/console/static");

const result = await build({
  absWorkingDir: here,
  entryPoints: {
    compose: "src/compose.ts",
    console: "src/console.ts",
    passkey: "src/passkey.ts",
    record: "src/record.ts",
    tick: "src/tick.ts",
    style: "style/console.css",
    icon: "style/icon.svg",
    "icon-alert": "style/icon-alert.svg",
  },
  bundle: true,
  minify: true,
  write: false,
  outdir: "out",
  format: "iife",
  charset: "utf8",
  target: ["chrome123", "firefox121", "safari17.5"],
  loader: { ".svg": "copy" },
  legalComments: "none",
});

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const names = {};
for (const file of result.outputFiles) {
  const [stem, kind] = file.path.split("/").at(-1).split(".");
  const hash = createHash("sha256").update(file.contents).digest("hex").slice(0, 16);
  const name = `${stem}.${hash}.${kind}`;
  names[`${stem}.${kind}`] = name;
  writeFileSync(join(out, name), file.contents);
  writeFileSync(join(out, `${name}.gz`), gzipSync(file.contents, { level: 9 }));
  writeFileSync(
    join(out, `${name}.br`),
    brotliCompressSync(file.contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  );
}
writeFileSync(join(out, "assets.json"), `${JSON.stringify(names, null, 2)}\n`);
