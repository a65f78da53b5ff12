// Builds what the console serves: bundles and style sheets under names that hold a hash of their content, each also
// compressed, and a list of them. The server reads the list; nothing else knows the names. The map has a worker, the base
// map and the licences of what it is made of; no other page loads any of them.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { makeBaseMap } from "./basemap.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.env.COMITY_ASSETS ?? join(here, "../src/comity/console/static");

const result = await build({
  absWorkingDir: here,
  entryPoints: {
    compose: "src/compose.ts",
    console: "src/console.ts",
    map: "src/map.ts",
    "map-worker": "maplibre-gl/dist/maplibre-gl-worker.mjs",
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

const licences = ["maplibre-gl/LICENSE.txt", "milsymbol/LICENSE", "world-atlas/LICENSE"]
  .map((path) => `${path.split("/")[0]}\n\n${readFileSync(join(here, "node_modules", path), "utf8").trim()}\n`)
  .join("\n\n");
const files = [
  ...result.outputFiles,
  { path: "world.bin", contents: makeBaseMap() },
  { path: "licences.txt", contents: Buffer.from(licences) },
];

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const names = {};
for (const file of files) {
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
