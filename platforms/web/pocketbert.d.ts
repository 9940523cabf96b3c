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

/** What one head of a file is for. */
export interface Head {
  readonly task: Task;
  /** How scores are made: they sum to 1, each is by itself between 0 and 1, or they are the outputs themselves. */
  readonly problemType: 'single_label' | 'multi_label' | 'regression';
  /** The labels' names; none where the task has none. */
  readonly labels: string[];
  /** The longest input, special tokens included; longer text is cut. */
  readonly maxTokens: number;
  /** A best score below it means "not understood"; null: the file has none. */
  readonly rejectThreshold: number | null;
}

/** An open file. As a Head it is its first one. */
export class Model implements Head {
  private constructor();
  readonly task: Task;
  readonly problemType: 'single_label' | 'multi_label' | 'regression';
  readonly labels: string[];
  readonly maxTokens: number;
  readonly rejectThreshold: number | null;
  /** All heads of the file, each for another task, on one encoder. */
  readonly heads: Head[];
  /** What they are for. */
  readonly tasks: Task[];
  readonly vocabularySize: number;
  /** How many values an embedding has. */
  readonly hiddenSize: number;
  /** What questions are asked of: it has a fixed working memory of its own. */
  session(options?: {
    /** The longest input of this session, and what its memory grows with; default: the model's. */
    maxTokens?: number;
    /** Whose matrix products; default "auto", the fastest. */
    backend?: 'auto' | 'xnnpack' | 'native' | 'reference';
    /** What it will be asked; default: all that the file has heads for. With a single one the last layer computes less. */
    tasks?: Iterable<Task>;
  }): Session;
  /** All tokens, special ones included, nothing cut. */
  tokenize(text: string, pair?: string): Token[];
  /** The text of token ids, by the file's decoder. Special tokens are left out, unless `skipSpecial` is false. */
  decode(ids: Iterable<number>, options?: { skipSpecial?: boolean }): string;
  /** The cosine of two embeddings, from -1 to 1; 0 where one of them is all zeros. */
  similarity(a: ArrayLike<number>, b: ArrayLike<number>): number;
  /** An embedding (at most 4,096 values) in as many bytes, for nearest(). A cosine does not see the factor. */
  quantize(vector: ArrayLike<number>): Int8Array;
  /** The rows of `vectors`, one behind the other, that are nearest to an embedding by cosine: `topK` (default 5; Infinity: all), nearest
   * first, ties in order. All rows are looked at. */
  nearest(query: ArrayLike<number>, vectors: Int8Array, topK?: number): { index: number; score: number }[];
  /** Closes its sessions, too, and gives the memory back. What is asked afterwards throws; closing again does nothing. */
  close(): void;
}

/** Numbers are whole ones from 0; any other throws. */
export interface InputOptions {
  /** A second text, read together with the first. An empty one is a pair, too. */
  pair?: string;
  /** Cut after so many tokens, special ones included; default: the session's limit. */
  maxTokens?: number;
}

export interface WindowOptions extends InputOptions {
  /** Read a text without a pair, if too long, in windows of `maxTokens` that share so many tokens (0: none), instead of cutting it. */
  stride?: number;
}

/** A list that says, too, whether a text was longer than the limit and was cut for it. */
export type Ranking<T> = T[] & { truncated: boolean };

export interface Ranked {
  /** Among the candidates. */
  index: number;
  text: string;
  score: number;
}

export interface Fill {
  /** The vocabulary's spelling: "##ing" goes on with a word. */
  piece: string;
  id: number;
  score: number;
}

export interface Embedding {
  /** The first row: all there is, unless the pooling is "tokens". A copy, as all of them. */
  vector: Float32Array;
  rows: Float32Array[];
  truncated: boolean;
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

/** Each method is for a model with a head of its kind, and throws otherwise. Blocks until the answer is there. Text may hold anything:
 * emoji, zero characters, halves of surrogate pairs (read as U+FFFD, one UTF-16 unit). */
export class Session {
  private constructor();
  /** Labels of a text or a pair, at most `topK`, default all; of a next-sentence model label 0 is "follows". With a stride: of the mean of
   * the windows' outputs. */
  classify(text: string, options?: WindowOptions & { topK?: number }): Classification;
  /** The same of each text, in order, faster than one by one where they are short. The error of one is that of all, and names its index. */
  classifyAll(texts: Iterable<string>, options?: Omit<WindowOptions, 'pair'> & { topK?: number }): Classification[];
  /** Named entities, in the text's order. */
  tag(
    text: string,
    options?: Omit<WindowOptions, 'pair'> & {
      /** How tokens become entities, as the reference's strategies; default: simple. */
      aggregation?: 'none' | 'simple' | 'first' | 'average' | 'max';
      /** Labels (or groups, if there is an aggregation) that are left out; default: O. */
      ignoreLabels?: Iterable<string>;
    },
  ): { entities: Entity[]; truncated: boolean };
  /** Best first. The context may be of any length. */
  answer(
    question: string,
    context: string,
    options?: {
      /** How many answers: default 1, at most 64. */
      topK?: number;
      /** Tokens that neighbouring windows share (0: none); default 128, or half a window if that is less. */
      stride?: number;
      /** The longest answer; default 15. */
      maxAnswerTokens?: number;
      /** Tokens of a window, the question's included; default 384, or the model's limit. */
      windowTokens?: number;
      /** "No answer" is one of them, with an empty range at 0. */
      allowNone?: boolean;
      /** Answers may begin and end within words. */
      partWords?: boolean;
    },
  ): Answer[];
  /** For each mask of the text ("[MASK]" for BERT, "<mask>" for RoBERTa) the `topK` (default 5; Infinity: all) best pieces, best first, of
   * all or of `targets`. */
  fillMask(text: string, options?: InputOptions & { topK?: number; targets?: Iterable<string> }): Fill[][];
  /** The vector of a text or a pair. Pooling "model", the default, is as the file says; others are made of length 1 if `normalize`. With a
   * stride: the mean of the windows' vectors. */
  embed(
    text: string,
    options?: WindowOptions & { pooling?: 'tokens' | 'cls' | 'mean' | 'max' | 'model'; normalize?: boolean },
  ): Embedding;
  /** The same of each text; see classifyAll. */
  embedAll(
    texts: Iterable<string>,
    options?: Omit<WindowOptions, 'pair'> & { pooling?: 'tokens' | 'cls' | 'mean' | 'max' | 'model'; normalize?: boolean },
  ): Embedding[];
  /** With a model of natural-language inference: which labels suit the text, best first. Runs the network once for each. */
  zeroShot(
    text: string,
    labels: Iterable<string>,
    options?: {
      /** Becomes a hypothesis with the label in place of {}; default: This example is {}. */
      template?: string;
      /** Each label stands for itself, and the scores do not sum to 1. */
      multiLabel?: boolean;
      maxTokens?: number;
    },
  ): Ranking<LabelScore>;
  /** With a cross-encoder: which candidates answer the query, best first. Runs the network once for each. */
  rerank(query: string, candidates: Iterable<string>, options?: { maxTokens?: number }): Ranking<Ranked>;
  /** The tokens that the network saw last, and whether the text was cut for that; of several runs the last one's. */
  lastTokens(): { ids: number[]; truncated: boolean };
  /** What is asked afterwards throws; closing again does nothing. */
  close(): void;
}
