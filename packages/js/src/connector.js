// One instance of the component, with readers and exporters in it. Names nothing of Node or of a
// browser: `node.js` and `browser.js` say where the module comes from.

import { instantiate } from "./component/connector.js";
import { HELPERS } from "./component/helpers.js";
import { KEYS } from "./lines.js";
import { CONTRACT } from "./version.js";

export { CONTRACT, KEYS };

const PACKAGE = "qonduit:connector/";

/** The module speaks another version of the contract than this package, or another contract. */
export class OtherContract extends Error {
  name = "OtherContract";
}

/** An answer is no list that can be read to its end; `error` is what the contract says of it. */
export class ReadError extends Error {
  name = "ReadError";
  constructor(sentence, error) {
    super(sentence);
    this.error = error;
  }
}

/** By what a line is known: the same text in every run; nothing for a warning. */
export function identity(line) {
  const keys = KEYS[line.record];
  return keys && JSON.stringify([line.record, ...keys.map((key) => line[key])]);
}

/** A request as `fetch` takes it: what follows the origin, headers, and the body to POST. */
export function encoded(request) {
  const query = new URLSearchParams(request.query).toString();
  const { tag, val } = request.body;
  const isForm = tag === "form";
  return {
    target: query ? `${request.path}?${query}` : request.path,
    headers: {
      Accept: request.accept,
      "Content-Type": isForm ? "application/x-www-form-urlencoded" : val.contentType,
    },
    body: isForm ? new URLSearchParams(val).toString() : val.text,
  };
}

/** Makes an instance of the module; refuses one of another contract before it runs. */
export async function connect(module) {
  check(WebAssembly.Module.exports(module).map(({ name }) => name));
  const root = await instantiate(
    (name) => (name in HELPERS ? helper(HELPERS[name]) : module),
    {},
    (inner, imports) => new WebAssembly.Instance(inner, imports),
  );
  return new Connector(root);
}

/** Some hundred bytes, which may be compiled at once everywhere. */
function helper(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new WebAssembly.Module(bytes);
}

function check(names) {
  const ours = names.find((name) => name.startsWith(PACKAGE));
  if (!ours) {
    throw new OtherContract(
      `the module is no connector, as it exports nothing of \`${PACKAGE}\`; use the one of this package`,
    );
  }
  const found = ours.split("#")[0].split("@")[1];
  if (found !== CONTRACT) {
    throw new OtherContract(
      `the module speaks version \`${found}\` of the contract, and this package version ` +
        `\`${CONTRACT}\`; use a module and a package of the same release`,
    );
  }
}

export class Connector {
  constructor({ plan, pace, ingest, run: runs, filter, rules, export: exports }) {
    Object.assign(this, { plan, pace, ingest, runs, filter, rules, export: exports });
  }

  reader(dataset, settings = "{}") {
    return new Reader(this.ingest, dataset, settings);
  }

  async *read(dataset, body, settings = "{}") {
    const reader = this.reader(dataset, settings);
    try {
      for await (const chunk of body) yield* reader.push(chunk);
      reader.finish();
    } finally {
      reader.close();
    }
  }

  run(settings = "{}", history = {}) {
    return new Run(new this.runs.Run(settings, history, now()));
  }

  exporter(options) {
    try {
      this.export.check(options);
      return new Exporter(new this.export.Exporter(options));
    } catch (error) {
      throw told(error);
    }
  }
}

class Reader {
  #ingest;
  #reader;

  constructor(ingest, dataset, settings) {
    this.#ingest = ingest;
    this.#reader = new ingest.Reader(dataset, settings);
  }

  push(chunk) {
    return parsed(this.pushLines(chunk));
  }

  pushLines(chunk) {
    return this.#call(() => this.#reader.pushLines(chunk));
  }

  finish() {
    return this.#call(() => this.#reader.finish());
  }

  async *read(body) {
    for await (const chunk of body) {
      let lines;
      try {
        lines = this.push(chunk);
      } catch (error) {
        if (error instanceof ReadError) return;
        throw error;
      }
      yield* lines;
    }
  }

  answer(status, headers) {
    return this.#reader.answer(status, [...headers]);
  }

  close() {
    this.#reader?.[Symbol.dispose]?.();
    this.#reader = undefined;
  }

  #call(work) {
    try {
      return work();
    } catch (error) {
      if (error?.payload === undefined) throw error;
      throw new ReadError(this.#ingest.explain(error.payload), error.payload);
    }
  }
}

class Run {
  #run;

  constructor(run) {
    this.#run = run;
  }

  next() {
    return this.#run.next(now());
  }

  answered(status, headers) {
    this.#run.answered(status, [...headers]);
  }

  push(chunk) {
    return parsed(this.#run.pushLines(chunk));
  }

  async *read(body) {
    for await (const chunk of body ?? []) yield* this.push(chunk);
  }

  ended() {
    return this.#run.ended(now());
  }

  unanswered(ending) {
    this.#run.unanswered({ tag: ending }, now());
  }
}

class Exporter {
  #exporter;

  constructor(exporter) {
    this.#exporter = exporter;
  }

  push(lines) {
    try {
      return lines ? this.#exporter.pushText(lines) : "";
    } catch (error) {
      throw told(error);
    }
  }

  finish() {
    try {
      return this.#exporter.finishText();
    } catch (error) {
      throw told(error);
    } finally {
      this.#exporter[Symbol.dispose]?.();
    }
  }
}

/** What the contract says of a failure is a sentence here; all else stays as it is. */
function told(error) {
  return typeof error?.payload === "string" ? new Error(error.payload) : error;
}

// One list is read faster than as many objects; a line holds no line break of its own.
function parsed(lines) {
  return lines ? JSON.parse(`[${lines.slice(0, -1).replaceAll("\n", ",")}]`) : [];
}

function now() {
  return BigInt(Math.floor(Date.now() / 1000));
}
