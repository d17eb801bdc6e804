// The package wherever there is no Node: the module is fetched from beside this file, which bundlers
// know by `new URL`, or handed in.

import { connect } from "./connector.js";

export * from "./connector.js";

let own;

/** An instance of the component; `module` takes another one, compiled, as bytes or as a response. */
export async function load({ module } = {}) {
  if (module instanceof WebAssembly.Module) return connect(module);
  if (module) return connect(await compiled(module));
  own ??= fetch(new URL("./component/connector.core.wasm", import.meta.url)).then(compiled);
  return connect(await own);
}

async function compiled(source) {
  // Compiled from bytes: servers that tell another type than application/wasm are common.
  const bytes = source instanceof Response ? await source.arrayBuffer() : source;
  return WebAssembly.compile(bytes);
}
