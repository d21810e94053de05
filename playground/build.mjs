// Builds the playground into site/: node build.mjs. Go and the packages of package-lock.json are all it needs.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const limit = 3.5e6; // bytes of the packed compiler

const go = (...args) => execFileSync("go", args, {
  env: { ...process.env, GOOS: "js", GOARCH: "wasm" }, encoding: "utf8",
}).trim();

rmSync("site", { recursive: true, force: true });
mkdirSync("site");
go("build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", "site/compiler.wasm", ".");
const packed = gzipSync(readFileSync("site/compiler.wasm"), { level: 9 });
rmSync("site/compiler.wasm");
console.log(`compiler: ${(packed.length / 1e6).toFixed(2)} MB packed`);
if (packed.length > limit) throw new Error(`the packed compiler has more than ${limit / 1e6} MB`);
const runner = readFileSync(`${go("env", "GOROOT")}/lib/wasm/wasm_exec.js`, "utf8");
writeFileSync("site/compiler.js", `${runner}\nglobalThis.seccompcWASM = "${packed.toString("base64")}";\n`);
for (const name of ["index.html", "style.css"]) copyFileSync(`web/${name}`, `site/${name}`);
const { metafile } = await build({
  metafile: true,
  entryPoints: ["web/main.mjs"], outfile: "site/playground.js", bundle: true, minify: true, format: "iife",
  loader: { ".scp": "text" }, legalComments: "eof", logLevel: "warning",
});

// The licences of all that is in the two scripts.
const host = (command, ...args) => execFileSync(command, args, { cwd: "..", stdio: ["ignore", "ignore", "inherit"] });
host("go", "build", "-o", "playground/site/host", "./cmd/seccompc");
host("go", "run", "./packaging/notices", "playground/site/host", "0", "playground/site");
rmSync("site/host");
rmSync("site/sbom.cdx.json");
const bundled = new Set(Object.keys(metafile.inputs).map((f) => /^node_modules\/((@[^/]+\/)?[^/]+)\//.exec(f)?.[1]));
let licences = readFileSync("site/THIRD-PARTY-LICENCES", "utf8");
for (const name of [...bundled].filter(Boolean).sort()) {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
  licences += `\n${"=".repeat(72)}\n${name} ${version} (${license})\n\n${readFileSync(`node_modules/${name}/LICENSE`)}`;
}
writeFileSync("site/THIRD-PARTY-LICENCES", licences);
for (const name of ["LICENSE", "NOTICE"]) copyFileSync(`../${name}`, `site/${name}`);
