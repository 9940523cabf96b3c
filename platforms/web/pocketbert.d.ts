/** What a model or the module can be read from: its bytes, a Response, or the place to fetch it from. */
export type Source = ArrayBuffer | ArrayBufferView | Response | URL | string;

/** Everything that goes wrong, with the library's reason ("where: why") as its message. */
export class PocketbertError extends Error {}

export interface LabelScore {
  label: string;
  /** A probability; for a regression the number itself. */
  score: number;
}

export interface Classification {
  /** Highest score first. */
  labels: LabelScore[];
  /** The highest score is below the model's reject threshold: "not understood". */
  rejected: boolean;
  /** The text was longer than the limit and was cut. */
  truncated: boolean;
  /** Tokens that the network saw, special ones included. */
  tokenCount: number;
}

export interface Token {
  id: number;
  typeId: number;
  source: 'special' | 'text' | 'pair';
  /** The vocabulary's spelling ("##ing"). */
  piece: string;
  /** [begin, end) in UTF-16 units, as String.slice counts; zeros for special tokens. */
  begin: number;
  end: number;
}

/** Loads the WebAssembly module ahead of time; openModel() does it otherwise. */
export function load(source?: Source): Promise<unknown>;

export function openModel(
  source: Source,
  options?: {
    /** Where pocketbert-wasm.wasm is, if not beside the module. */
    wasm?: Source;
    /** Check the checksum of the weights too. */
    verify?: boolean;
  },
): Promise<Model>;

export class Model {
  private constructor();
  readonly problemType: 'single_label' | 'multi_label' | 'regression';
  readonly labels: string[];
  /** The longest input, special tokens included; longer text is cut. */
  readonly maxTokens: number;
  /** null: the file has none. */
  readonly rejectThreshold: number | null;
  session(options?: { maxTokens?: number; backend?: 'auto' | 'xnnpack' | 'native' | 'reference' }): Session;
  /** All tokens, special ones included, nothing cut. */
  tokenize(text: string, pair?: string): Token[];
  close(): void;
}

export class Session {
  private constructor();
  classify(text: string, options?: { pair?: string; topK?: number }): Classification;
  close(): void;
}
