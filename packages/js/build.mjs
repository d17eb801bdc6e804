// Makes the package folder: `node build.mjs COMPONENT WIT-PACKAGE SOURCES OUT`.
//
// Transpiles the component into a core module and JavaScript that calls it, makes the types from the
// contract with its comments, and copies what is written by hand. Lies beside the tools it imports.

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { transpileBytes } from "@bytecodealliance/jco-transpile";
import { $init, generateTypes } from "@bytecodealliance/jco-transpile/component";

const [component, wit, sources, out] = process.argv.slice(2);
await rm(out, { recursive: true, force: true });

const transpiled = await transpileBytes(await readFile(component), {
  name: "connector",
  // No import of Node, nothing that is fetched by itself: how the module comes is for the caller.
  instantiation: "async",
  nodejsCompat: false,
  wasiShim: false,
  // Failures are thrown as errors, with what the contract says in `payload`.
  noComponentErrorWrapping: false,
  emitTypescriptDeclarations: false,
  minify: true,
});

await $init;
const types = generateTypes("connector", {
  wit: { tag: "binary", val: await readFile(wit) },
  world: "connector",
  instantiation: { tag: "async" },
  features: { tag: "list", val: [] },
});

// Of the core modules one is the component; the others are helpers of a hundred bytes, and go into
// the JavaScript, so that there is one file to find.
const CORE = "connector.core.wasm";
const helpers = [];
for (const [name, bytes] of Object.entries(transpiled.files)) {
  if (!name.endsWith(".wasm") || name === CORE) continue;
  helpers.push(`  "${name}": "${Buffer.from(bytes).toString("base64")}",\n`);
  delete transpiled.files[name];
}
transpiled.files["helpers.js"] = `export const HELPERS = {\n${helpers.join("")}};\n`;

for (const [name, bytes] of [...Object.entries(transpiled.files), ...types]) {
  const file = join(out, "component", name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}
await cp(join(sources, "src"), out, { recursive: true });
await cp(join(sources, "README.md"), join(out, "README.md"));
await cp(join(sources, "../../LICENSE"), join(out, "LICENSE"));

// The version of the contract, from the name of its package.
const contract = basename(wit, ".wasm").split("-").at(-1);
await writeFile(join(out, "version.js"), `export const CONTRACT = "${contract}";\n`);

const manifest = JSON.parse(await readFile(join(sources, "package.json"), "utf8"));
delete manifest.devDependencies;
await writeFile(join(out, "package.json"), JSON.stringify(manifest, null, 2) + "\n");
