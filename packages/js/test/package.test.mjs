// What a caller is told of bad input, exports, and the package itself: its types, and a bundle.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { load, OtherContract, ReadError } from "@qonduit/connector";

const ROOT = process.env.QONDUIT_ROOT;
const TOOLS = join(ROOT, "target/packages/tools/node_modules/.bin");
const MODULE = join(import.meta.dirname, "node_modules/@qonduit/connector/component/connector.core.wasm");
const ANSWER = join(ROOT, "tests/fixtures/detections/one-detection.xml");
const connector = await load();

/** What could be read of a body, also when that ends badly. */
async function read(dataset, body, lines = []) {
  for await (const line of connector.read(dataset, body)) lines.push(line);
  return lines;
}

test("a body that is cut off is told, with how far it went, behind the records that came", async () => {
  const body = readFileSync(ANSWER);
  const cut = body.subarray(0, body.indexOf("</HOST_LIST>"));
  const lines = [];
  await assert.rejects(read("detections", [cut], lines), (error) => {
    assert(error instanceof ReadError);
    assert.equal(error.message, `the answer was cut off after ${cut.length} bytes; ask for it again`);
    assert.deepEqual(error.error, { tag: "cut-off", val: BigInt(cut.length) });
    return true;
  });
  assert.deepEqual(lines.map((it) => it.record), ["host", "finding", "inventory"]);
});

test("a body of another dataset is told", async () => {
  const body = readFileSync(ANSWER);
  await assert.rejects(read("hosts", [body]), /is a `HOST_LIST_VM_DETECTION_OUTPUT` document; read it as/);
});

test("settings that are mistaken are told, all at once", () => {
  assert.throws(() => connector.plan.checkSettings('{"batch_hosts":0,"nonsense":1}'), (error) => {
    assert.equal(error.payload.length > 0, true);
    assert.match(error.payload.join("\n"), /nonsense/);
    return true;
  });
});

test("a module of another contract is refused with a sentence", async () => {
  const bytes = readFileSync(MODULE);
  const changed = Buffer.from(bytes.toString("latin1").replaceAll("@0.1.0#", "@0.2.0#"), "latin1");
  await assert.rejects(load({ module: changed }), (error) => {
    assert(error instanceof OtherContract);
    assert.match(error.message, /speaks version `0.2.0` of the contract, and this package version `0.1.0`; use/);
    return true;
  });
  const nothing = Buffer.from([0, 97, 115, 109, 1, 0, 0, 0]);
  await assert.rejects(load({ module: nothing }), /is no connector/);
});

test("an export is what the file of the project says", () => {
  const folder = join(ROOT, "tests/exports");
  const records = readFileSync(join(folder, "everything.records.ndjson"), "utf8");
  for (const [format, subject] of [["ocsf", "findings"], ["csv", "findings"], ["ecs", "findings"], ["defectdojo", "findings"]]) {
    const exporter = connector.exporter({ format, subject, safeCells: true, made: BigInt(Date.UTC(2026, 10, 21) / 1000) });
    const text = exporter.push(records) + exporter.finish().text;
    const expected = readFileSync(join(folder, `everything.${subject}.${format}`), "utf8");
    assert.equal(text, expected, format);
  }
  assert.throws(() => connector.exporter({ format: "csv", subject: "findings", version: "9", safeCells: false, made: 0n }), /version/);
});

test("examples and sources have the types that are told", () => {
  const config = {
    compilerOptions: {
      noEmit: true, strict: true, allowJs: true, checkJs: false, target: "es2023", module: "nodenext",
      lib: ["es2023", "dom", "dom.iterable", "esnext.disposable"], types: ["node"],
      typeRoots: [join(TOOLS, "../@types")], skipLibCheck: false,
    },
    files: ["typed.ts"],
  };
  writeFileSync(join(import.meta.dirname, "tsconfig.json"), JSON.stringify(config));
  execFileSync(join(TOOLS, "tsc"), ["--project", import.meta.dirname], { stdio: "inherit" });
});

test("a bundler makes a bundle that names nothing of Node, and it reads", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  const out = join(folder, "bundle.mjs");
  const entry = 'export { load } from "@qonduit/connector";';
  execFileSync(join(TOOLS, "esbuild"), ["--bundle", "--format=esm", "--platform=browser", "--log-level=error", `--outfile=${out}`],
    { input: entry, cwd: import.meta.dirname, stdio: ["pipe", "inherit", "inherit"] });
  const bundle = readFileSync(out, "utf8");
  assert.doesNotMatch(bundle, /from\s*["']node:|require\(|import\(["']node:/);
  const { load: bundled } = await import(pathToFileURL(out));
  const other = await bundled({ module: readFileSync(MODULE) });
  const reader = other.reader("detections");
  assert.deepEqual(reader.push(readFileSync(ANSWER)).map((it) => it.record), ["host", "finding", "inventory"]);
  assert.equal(reader.finish().elements, 2n);
});
