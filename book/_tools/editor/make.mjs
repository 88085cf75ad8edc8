// Renew what is committed from npm:   cd book/_tools/editor && npm ci && npm run build
//
// Writes book/_static/live/editor.js with the versions and the licence at its top, and tests/live/axe with axe-core.
// `make` never calls this.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const root = new URL("../../../", import.meta.url);
const packages = JSON.parse(readFileSync("package-lock.json", "utf-8")).packages;
const result = await build({
  entryPoints: ["editor.js"],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2021",
  legalComments: "none",
  metafile: true,
  write: false,
});
const used = new Set(
  Object.keys(result.metafile.inputs).map((file) => file.match(/^(node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1]),
);
used.delete(undefined);
const folders = [...used].sort();
const names = folders.map((folder) => `${folder.replace("node_modules/", "")} ${packages[folder].version}`);
const licences = new Set(folders.map((folder) => readFileSync(`${folder}/LICENSE`, "utf-8").trim()));
const notice = [
  "Made by book/_tools/editor/make.mjs from editor.js there and from these packages of npm:",
  ...names.map((name) => `  ${name}`),
  "",
  ...[...licences].flatMap((text) => [...text.split("\n"), ""]),
];
const banner = `/*!\n${notice.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */\n`;
writeFileSync(new URL("book/_static/live/editor.js", root), banner + result.outputFiles[0].text);

const axe = new URL("tests/live/axe/", root);
mkdirSync(axe, { recursive: true });
for (const file of ["axe.min.js", "LICENSE", "LICENSE-3RD-PARTY.txt"]) {
  copyFileSync(`node_modules/axe-core/${file}`, new URL(file, axe));
}
console.log(`editor.js: ${result.outputFiles[0].contents.length} bytes from ${names.length} packages`);
