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

export type Task =
  | 'text-classification'
  | 'token-classification'
  | 'question-answering'
  | 'fill-mask'
  | 'feature-extraction'
  | 'next-sentence-prediction';

export class Model {
  private constructor();
  /** What the file's first head is for. */
  readonly task: Task;
  /** What all its heads are for: a session answers each. */
  readonly tasks: Task[];
  readonly problemType: 'single_label' | 'multi_label' | 'regression';
  readonly labels: string[];
  /** The longest input, special tokens included; longer text is cut. */
  readonly maxTokens: number;
  /** null: the file has none. */
  readonly rejectThreshold: number | null;
  session(options?: { maxTokens?: number; backend?: 'auto' | 'xnnpack' | 'native' | 'reference' }): Session;
  /** All tokens, special ones included, nothing cut. */
  tokenize(text: string, pair?: string): Token[];
  /** The text of token ids, by the file's decoder. */
  decode(ids: ArrayLike<number>, options?: { skipSpecial?: boolean }): string;
  /** The cosine of two embeddings, from -1 to 1. */
  similarity(a: ArrayLike<number>, b: ArrayLike<number>): number;
  /** An embedding in as many bytes, for nearest(). A cosine does not see the factor. */
  quantize(vector: ArrayLike<number>): Int8Array;
  /** The rows of `vectors`, one behind the other, that are nearest to an embedding by cosine, nearest first (default 5). */
  nearest(query: ArrayLike<number>, vectors: Int8Array, topK?: number): { index: number; score: number }[];
  close(): void;
}

export interface InputOptions {
  pair?: string;
  /** Cut after so many tokens, special ones included. */
  maxTokens?: number;
}

export interface WindowOptions extends InputOptions {
  /** Read a long text in windows that share so many tokens, instead of cutting it. */
  stride?: number;
}

export interface Entity {
  /** Of a group without its B- or I-. */
  label: string;
  score: number;
  /** As it stands in the text. */
  text: string;
  /** As the reference makes it of the tokens: lower-cased where the model is. */
  word: string;
  /** [begin, end) in UTF-16 units. */
  begin: number;
  end: number;
}

export interface Answer {
  text: string;
  score: number;
  /** [begin, end) in the context, in UTF-16 units; 0 and 0 for "no answer". */
  begin: number;
  end: number;
}

/** Each method is for a model with a head of its kind, and throws otherwise. Blocks until the answer is there. */
export class Session {
  private constructor();
  /** With a stride: of the mean of the windows' outputs. */
  classify(text: string, options?: WindowOptions & { topK?: number }): Classification;
  tag(
    text: string,
    options?: Omit<WindowOptions, 'pair'> & {
      aggregation?: 'none' | 'simple' | 'first' | 'average' | 'max';
      /** Default: O. */
      ignoreLabels?: string[];
    },
  ): { entities: Entity[]; truncated: boolean };
  /** Best first. The context may be of any length. */
  answer(
    question: string,
    context: string,
    options?: {
      /** At most 64. */
      topK?: number;
      /** Tokens that neighbouring windows share. */
      stride?: number;
      maxAnswerTokens?: number;
      /** Tokens of a window, the question's included; default 384. */
      windowTokens?: number;
      allowNone?: boolean;
      /** Answers may begin and end within words. */
      partWords?: boolean;
    },
  ): Answer[];
  /** For each mask of the text the best pieces, of all or of `targets`. */
  fillMask(
    text: string,
    options?: InputOptions & { topK?: number; targets?: string[] },
  ): { piece: string; id: number; score: number }[][];
  /** `vector` is the first row: all there is, unless the pooling is "tokens". With a stride: the mean of the windows' vectors. */
  embed(
    text: string,
    options?: WindowOptions & { pooling?: 'tokens' | 'cls' | 'mean' | 'max' | 'model'; normalize?: boolean },
  ): { vector: Float32Array; rows: Float32Array[]; truncated: boolean };
  /** With a model of natural-language inference: which labels suit the text, best first. Runs the network once for each. */
  zeroShot(
    text: string,
    labels: string[],
    options?: { template?: string; multiLabel?: boolean; maxTokens?: number },
  ): LabelScore[];
  /** With a cross-encoder: which candidates answer the query, best first. Runs the network once for each. */
  rerank(
    query: string,
    candidates: string[],
    options?: { maxTokens?: number },
  ): { index: number; text: string; score: number }[];
  close(): void;
}
