// The package in Node: the module is a file beside this one, compiled once in a process.

import { readFile } from "node:fs/promises";
import { connect } from "./connector.js";

export * from "./connector.js";

let own;

/** An instance of the component; `module` takes another one, compiled or as bytes. */
export async function load({ module } = {}) {
  if (module instanceof WebAssembly.Module) return connect(module);
  if (module) return connect(await WebAssembly.compile(module));
  own ??= readFile(new URL("./component/connector.core.wasm", import.meta.url)).then((bytes) =>
    WebAssembly.compile(bytes),
  );
  return connect(await own);
}
