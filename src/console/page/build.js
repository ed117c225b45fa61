// node build.js FOLDER: bundles the page into FOLDER, as index.html and assets/NAME-HASH.EXTENSION. A name changes with what the
// file holds, so that browsers may keep it for ever.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2] ?? join(here, "dist");
rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, "assets"), { recursive: true });

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { page: "src/main.tsx", style: "src/style.css", icon: "src/icon.svg" },
  outdir: join(folder, "assets"),
  entryNames: "[name]-[hash]",
  loader: { ".svg": "copy" },
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "eof",
  metafile: true,
  logLevel: "warning",
});

const made = Object.keys(metafile.outputs).map((path) => basename(path));
const html = readFileSync(join(here, "index.html"), "utf8").replace(/\{(page\.js|style\.css|icon\.svg)\}/g, (_, name) => {
  const [stem, extension] = name.split(".");
  return made.find((file) => file.startsWith(`${stem}-`) && file.endsWith(`.${extension}`));
});
writeFileSync(join(folder, "index.html"), html);
