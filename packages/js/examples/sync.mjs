// Fetches a subscription into memory: QUALYS_URL, QUALYS_USERNAME, QUALYS_PASSWORD say which.

import { encoded, identity, load } from "@qonduit/connector";

const { QUALYS_URL: url, QUALYS_USERNAME: user, QUALYS_PASSWORD: password } = process.env;
const login = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const run = (await load()).run();
const kept = new Map();
let step;
while ((step = run.next()).tag !== "done") {
  if (step.tag === "failed") throw new Error(step.val.message);
  if (step.tag === "wait") {
    const ms = Number(step.val) * 1000 - Date.now();
    await new Promise((go) => setTimeout(go, Math.max(100, ms)));
    continue;
  }
  const { target, headers, body } = encoded(step.val.request);
  const own = { Authorization: login, "X-Requested-With": "example" };
  try {
    const response = await fetch(url + target, {
      method: "POST",
      headers: { ...headers, ...own },
      body,
    });
    run.answered(response.status, response.headers);
    for await (const line of run.read(response.body)) {
      const known = identity(line);
      if (known) kept.set(known, line);
    }
  } catch (problem) {
    console.warn(problem.message);
  }
  const trouble = run.ended();
  if (trouble) console.warn(trouble);
}
const counts = {};
for (const { record } of kept.values()) counts[record] = (counts[record] ?? 0) + 1;
for (const record of Object.keys(counts).sort()) console.log(record, counts[record]);
