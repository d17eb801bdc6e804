// What a caller in TypeScript writes: checked by the compiler, never run.

import { CONTRACT, encoded, identity, load, ReadError } from "@qonduit/connector";
import type { FindingLine, Line, PlanInterface } from "@qonduit/connector";

async function critical(body: ReadableStream<Uint8Array>): Promise<FindingLine[]> {
  const connector = await load();
  const found: FindingLine[] = [];
  try {
    for await (const line of connector.read("detections", body as unknown as AsyncIterable<Uint8Array>)) {
      if (line.record === "finding" && line.severity === "critical") found.push(line);
    }
  } catch (error) {
    if (error instanceof ReadError && error.error.tag === "cut-off") console.log(error.error.val);
  }
  return found;
}

async function first(): Promise<PlanInterface.Batch | undefined> {
  const { plan, pace } = await load();
  const window = plan.chooseWindow("{}", {}, 0n);
  const facts: PlanInterface.Facts = {
    hosts: new BigUint64Array(), unknownQids: [] as unknown as Uint32Array, window, leftOut: [], unknownCves: [], knownCves: [],
  };
  const [batch] = plan.stage("{}", "host-ids", facts);
  const admission = pace.admit("{}", "host-ids", { heldUntil: new BigInt64Array(), recent: [] }, 0, 0n);
  if (admission.tag === "at") console.log(admission.val.until, admission.val.reason);
  if (batch) console.log(encoded(plan.ask("{}", batch)).target);
  // @ts-expect-error: no such dataset
  plan.stage("{}", "host-id", facts);
  return batch;
}

const port = (line: Line): number | null => (line.record === "finding" ? line.port : null);
export { CONTRACT, critical, first, identity, port };
