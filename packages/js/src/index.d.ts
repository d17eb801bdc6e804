// The types of the package. Those of the contract are made from it, with its comments.

import type * as ExportInterface from "./component/interfaces/qonduit-connector-export.js";
import type * as FilterInterface from "./component/interfaces/qonduit-connector-filter.js";
import type * as IngestInterface from "./component/interfaces/qonduit-connector-ingest.js";
import type * as PaceInterface from "./component/interfaces/qonduit-connector-pace.js";
import type * as PlanInterface from "./component/interfaces/qonduit-connector-plan.js";
import type * as RulesInterface from "./component/interfaces/qonduit-connector-rules.js";
import type * as RunInterface from "./component/interfaces/qonduit-connector-run.js";
import type { Dataset } from "./component/interfaces/qonduit-connector-types.js";
import type { Line } from "./lines.js";

export type * from "./lines.js";
export type {
  Dataset,
  ExportInterface,
  FilterInterface,
  IngestInterface,
  PaceInterface,
  PlanInterface,
  RulesInterface,
  RunInterface,
};

/** The version of the contract. */
export const CONTRACT: string;

/** The keys that tell one line of a kind from another, in every run. Warnings have none. */
export const KEYS: Record<string, string[]>;

/** The module speaks another version of the contract than this package, or another contract. */
export class OtherContract extends Error {}

/** An answer is no list that can be read to its end. The message says how far it went. */
export class ReadError extends Error {
  /** As the contract has it, for programs. */
  error: IngestInterface.Error;
}

/** By what a line is known: the same text in every run; nothing for a warning. */
export function identity(line: Line): string | undefined;

/**
 * A request as `fetch` takes it: what follows the origin, headers, and the body to POST. The caller
 * adds the origin of the service, the credentials and an `X-Requested-With` of its own.
 */
export function encoded(request: PlanInterface.Request): {
  target: string;
  headers: Record<string, string>;
  body: string;
};

/** Bytes in pieces: a file stream, the body of a `Response`, a list. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** One instance of the component: its interfaces, and readers and exporters that live in it. */
export class Connector {
  private constructor();
  readonly plan: typeof PlanInterface;
  readonly pace: typeof PaceInterface;
  readonly ingest: typeof IngestInterface;
  readonly runs: typeof RunInterface;
  readonly filter: typeof FilterInterface;
  readonly rules: typeof RulesInterface;
  readonly export: typeof ExportInterface;

  /** A reader for one answer. */
  reader(dataset: Dataset, settings?: string): Reader;

  /**
   * The records of an answer, one after the other. Throws a `ReadError` behind the last record that
   * could be read when the answer is cut off, broken, a refusal, or another list.
   */
  read(dataset: Dataset, body: Chunks, settings?: string): AsyncGenerator<Line, void, void>;

  /** A run that begins now: one call after the other, until everything was fetched. */
  run(settings?: string, history?: PlanInterface.History): Run;

  /** Renders lines as what other tools read. Throws for options that do not go. */
  exporter(options: ExportInterface.Options): Exporter;
}

/** Reads one answer, chunk by chunk, in memory that stays flat. */
export interface Reader {
  /** The records that this chunk completed. 64 KiB to 1 MiB at a time is fastest. */
  push(chunk: Uint8Array): Line[];
  /** The same as text, one JSON object a line, as exporters take it. */
  pushLines(chunk: Uint8Array): string;
  /** What is known at the end of the answer. Throws a `ReadError` when that is no sound end. */
  finish(): IngestInterface.End;
  /** The records of a body as far as they can be read: `answer` tells the rest. */
  read(body: Chunks): AsyncGenerator<Line, void, void>;
  /** What `plan.after` needs to know of the answer, whether it was read to its end or not. */
  answer(status: number, headers: Iterable<[string, string]>): PlanInterface.Answer;
  /** Gives back its memory. */
  close(): void;
}

/** A whole run: `next` says what to do. The times are those of this machine's clock. */
export interface Run {
  /** What is to be done now: `ask`, `wait`, `done` or `failed`. */
  next(): RunInterface.Step;
  /** An answer begins. */
  answered(status: number, headers: Iterable<[string, string]>): void;
  /** The records that this chunk completed; none of an answer that is no success. */
  push(chunk: Uint8Array): Line[];
  /** The records of a body, as far as they can be read. */
  read(body: Chunks | null): AsyncGenerator<Line, void, void>;
  /** The body came to its end, broke off or never came: what went wrong, for people. */
  ended(): string | undefined;
  /** No answer came. */
  unanswered(ending: "unreachable" | "timed-out" | "no-service"): void;
}

/** Renders one export. Throws for lines that do not go. */
export interface Exporter {
  /** Lines of JSON in, as `Reader.pushLines` gives them; text of the export out. */
  push(lines: string): string;
  /** The last text, and how many rows there are in all. */
  finish(): ExportInterface.TextEnding;
}

/** An instance of the component; `module` takes another build of it, of the same contract. */
export function load(options?: {
  module?: WebAssembly.Module | BufferSource | Response;
}): Promise<Connector>;
