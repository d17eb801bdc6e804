// Reads a saved answer of the host list detection through the JavaScript package, by lines and by
// records, and with the parser that is used most, taking turns; prints the median of the megabytes a
// second of each. `packages.mjs FILE PACKAGE TOOLS`.

import { createReadStream, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [file, folder, tools] = process.argv.slice(2);
const { load } = await import(pathToFileURL(join(folder, "node.js")));
const { XMLParser } = createRequire(join(tools, "package.json"))("fast-xml-parser");
const connector = await load();
const ROUNDS = 5;
const body = () => createReadStream(file, { highWaterMark: 256 << 10 });

async function lines() {
  let n = 0;
  const reader = connector.reader("detections");
  for await (const chunk of body()) for (const line of reader.push(chunk)) n += line.record === "finding";
  reader.finish();
  reader.close();
  return n;
}

async function records() {
  let n = 0;
  const reader = new connector.ingest.Reader("detections", "{}");
  for await (const chunk of body()) for (const host of reader.push(chunk).hosts) n += host.findings.length;
  reader.finish();
  return n;
}

// As it comes: texts stay texts, so that it does less than what it is compared with.
async function parser() {
  const parsed = new XMLParser({ ignoreAttributes: false, parseTagValue: false }).parse(readFileSync(file));
  const { HOST } = parsed.HOST_LIST_VM_DETECTION_OUTPUT.RESPONSE.HOST_LIST;
  const all = HOST.map((host) => [host.DETECTION_LIST?.DETECTION ?? []].flat().length);
  return all.reduce((sum, n) => sum + n, 0);
}

const megabytes = readFileSync(file).length / 1e6;
const ways = { lines, records, "fast-xml-parser": parser };
const speeds = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
const counts = new Set();
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, read] of Object.entries(ways)) {
    const started = performance.now();
    counts.add(await read());
    speeds[name].push(megabytes / ((performance.now() - started) / 1000));
  }
}
if (counts.size !== 1) throw new Error(`they disagree on the number of detections: ${[...counts]}`);
for (const [name, measured] of Object.entries(speeds)) {
  measured.sort((a, b) => a - b);
  console.log(`${name}\t${measured[ROUNDS >> 1].toFixed(2)}`);
}
