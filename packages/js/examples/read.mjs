// Reads a saved answer: `read.mjs detections answer.xml [ocsf]` prints its records, or OCSF.
import { createReadStream } from "node:fs";
import { load } from "@qonduit/connector";

const [dataset, file, format] = process.argv.slice(2);
const connector = await load();
const reader = connector.reader(dataset);
const options = { format, subject: "findings", safeCells: false, made: BigInt(Math.floor(Date.now() / 1000)) };
const exporter = format && connector.exporter(options);
try {
  for await (const chunk of createReadStream(file, { highWaterMark: 256 << 10 })) {
    const lines = reader.pushLines(chunk);
    process.stdout.write(exporter ? exporter.push(lines) : lines);
  }
  const { elements } = reader.finish();
  process.stdout.write(exporter ? exporter.finish().text : "");
  console.error(`${elements} elements`);
} catch (error) {
  console.error(`${file}: ${error.message}`);
  process.exitCode = 1;
}
