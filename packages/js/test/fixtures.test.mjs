// Every fixture reads as the file beside it says, by lines and by records, in any chunks.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { load, ReadError } from "@qonduit/connector";

const FIXTURES = process.env.QONDUIT_FIXTURES;
const connector = await load();

function* situations() {
  const folders = readdirSync(FIXTURES, { withFileTypes: true }).filter((it) => it.isDirectory());
  for (const { name: folder } of folders) {
    const dataset = folder === "errors" ? "detections" : folder;
    for (const name of readdirSync(join(FIXTURES, folder)).sort()) {
      const found = /^(.*)\.(xml|json)$/.exec(name);
      if (!found) continue;
      const path = join(FIXTURES, folder, found[1]);
      const expected = readFileSync(`${path}.expected.ndjson`, "utf8").trim().split("\n");
      yield [path, dataset, readFileSync(`${path}.${found[2]}`), expected.map((it) => JSON.parse(it))];
    }
  }
}

/** What the last line of an expected file says. */
function ending(reader) {
  try {
    const { next, asOf, elements, skipped } = reader.finish();
    return {
      record: "end",
      next: next ?? null,
      as_of: asOf === undefined ? null : new Date(Number(asOf) * 1000).toISOString().replace(".000", ""),
      elements: Number(elements),
      skipped: skipped.map(({ rule, n }) => ({ rule, n: Number(n) })),
    };
  } catch (failed) {
    assert(failed instanceof ReadError, failed);
    const { tag, val } = failed.error;
    const line = { record: "error", error: tag };
    if (tag === "cut-off") return { ...line, bytes: Number(val) };
    if (tag === "unexpected-root") return { ...line, root: val };
    if (tag !== "refused") return { ...line, message: val };
    const { code, word, text, waitSecs } = val;
    const by = word === undefined ? { code: code ?? null } : { word };
    return { ...line, ...by, text, wait_secs: waitSecs ?? null };
  }
}

/** A page puts its warnings last, so their place among the records depends on the chunks. */
const warningsLast = (lines) => [
  ...lines.filter((it) => it.record !== "warning"),
  ...lines.filter((it) => it.record === "warning"),
];

function chunks(body, size) {
  const n = Math.ceil(body.length / size);
  return Array.from({ length: n }, (_, at) => body.subarray(at * size, (at + 1) * size));
}

for (const size of [7, 1 << 20]) {
  test(`every situation reads as expected by lines, in chunks of ${size}`, () => {
    let n = 0;
    for (const [path, dataset, body, expected] of situations()) {
      // Offsets count bytes as they came; callers of the text door have counted decoded ones.
      const isText = body.equals(Buffer.from(body.toString("utf8")));
      const reader = connector.reader(dataset);
      const lines = [];
      try {
        for (const chunk of chunks(body, size)) lines.push(...reader.push(chunk));
      } catch (failed) {
        assert(failed instanceof ReadError, failed);
      }
      lines.push(ending(reader));
      reader.close();
      if (!isText && expected.at(-1).error === "cut-off") delete expected.at(-1).bytes, delete lines.at(-1).bytes;
      assert.deepEqual(warningsLast(lines), warningsLast(expected), path);
      n++;
    }
    assert(n > 100, `only ${n} fixtures`);
  });
}

test("typed records are those of the lines", () => {
  for (const [path, dataset, body, expected] of situations()) {
    const reader = new connector.ingest.Reader(dataset, "{}");
    const found = { host: [], finding: [], vulnerability: [], "asset-group": [], tag: [], inventory: [] };
    try {
      for (const chunk of chunks(body, 64)) {
        const page = reader.push(chunk);
        for (const { host, findings } of page.hosts) found.host.push(host), found.finding.push(...findings);
        found.vulnerability.push(...page.vulnerabilities);
        found["asset-group"].push(...page.assetGroups);
        found.tag.push(...page.tags);
        found.inventory.push(...page.inventories);
      }
    } catch (failed) {
      assert(failed.payload?.tag, failed);
    }
    for (const [record, all] of Object.entries(found)) {
      const lines = expected.filter((it) => it.record === record);
      assert.equal(all.length, lines.length, `${record} of ${path}`);
      all.forEach((typed, at) => {
        const { record: _, ...line } = lines[at];
        assert.deepEqual(asLine(typed, line), line, `${record} of ${path}`);
      });
    }
  }
});

/** A typed value written as the line writes it. */
function asLine(typed, line) {
  if (typed === undefined) return null;
  if (typeof typed === "bigint") {
    if (typeof line !== "string") return Number(typed);
    return new Date(Number(typed) * 1000).toISOString().replace(".000", "");
  }
  if (typeof typed === "string" && line !== null && typeof line === "object") return JSON.parse(typed);
  // A number of 32 bits is a longer one in 64.
  if (typeof typed === "number" && typeof line === "number") return Math.fround(line) === typed ? line : typed;
  if (ArrayBuffer.isView(typed)) return [...typed].map(Number);
  if (Array.isArray(typed)) return typed.map((it, at) => asLine(it, line?.[at]));
  if (typeof typed === "object") {
    const name = (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return Object.fromEntries(
      Object.entries(typed).map(([key, value]) => [name(key), asLine(value, line?.[name(key)])]),
    );
  }
  return typed;
}
