// What conformance.json has no cases of: windows, reranking, decoding, vectors, errors, and memory that does not grow.
//   node tasks.mjs PACKAGE_DIR CLASSIFIER TAGGER EMBEDDER CROSS_ENCODER
import { readFileSync } from 'node:fs';

const [folder, ...files] = process.argv.slice(2);
const { load, openModel } = await import(`${folder}/pocketbert.js`);
const wasm = await load();
const models = await Promise.all(files.map((file) => openModel(readFileSync(file))));
const [classifier, tagger, embedder, scorer] = models.map((model) => model.session());

const text = 'hello world, what is the weather in berlin and who is sarah? '.repeat(8).trim();
const candidates = ['the weather', 'a', 'hello there \u{1F600}', 'play music'];
const windows = { maxTokens: 16, stride: 4 };

const vectors = ['hello', 'good bye', 'the weather in berlin', text].map((line) => embedder.embed(line, { pooling: 'mean' }).vector);
const rows = vectors.map((vector) => models[2].quantize(vector));
const all = Int8Array.from(rows.flatMap((row) => [...row]));
const cosine = (a, b) => {
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let i = 0; i < a.length; ++i) [product, squaresA, squaresB] = [product + a[i] * b[i], squaresA + a[i] ** 2, squaresB + b[i] ** 2];
  return product / Math.sqrt(squaresA * squaresB);
};
const order = rows.map((row, index) => [cosine(vectors[1], row), index]).sort((a, b) => b[0] - a[0]).map(([, index]) => index);

const hello = models[0].tokenize('hello world').map(({ id }) => id);
const errors = [
  () => classifier.tag('x'),
  () => classifier.classify('x', { maxTokens: 100000 }),
  () => classifier.classify(text, { maxTokens: 16, stride: 100 }),
  () => classifier.classify(text, { pair: 'x', stride: 1 }),
  () => tagger.tag('x', { aggregation: 'other' }),
  () => classifier.rerank('x', ['y']),
  () => scorer.rerank('x', []),
  () => classifier.zeroShot('x', ['y'], { template: 'none' }),
  () => embedder.embed('x', { pooling: 'tokens', stride: 1 }),
  () => models[2].similarity([1], [1, 2]),
  () => models[2].quantize([]),
].map((call) => {
  try {
    call();
    return 'no error';
  } catch (error) {
    return error.message;
  }
});

const use = (times) => {
  for (let i = 0; i < times; ++i) {
    classifier.classify('hello', windows);
    tagger.tag(text.slice(0, 60), windows);
    try {
      classifier.classify('x'.repeat(500), { maxTokens: 100000 });
    } catch {}
  }
};
use(10);
const before = wasm.HEAPU8.length;
use(3400);

console.log(
  JSON.stringify({
    text,
    candidates,
    labels: classifier.classify(text, windows).labels,
    entities: tagger.tag(text, windows).entities,
    vector: [...embedder.embed(text, { pooling: 'mean', ...windows }).vector],
    ranked: scorer.rerank(text, candidates),
    decoded: models[0].decode(hello),
    nearest: models[2].nearest(vectors[1], all, 4).map(({ index }) => index),
    by_hand: order,
    similarity: models[2].similarity(vectors[0], vectors[1]),
    cosine: cosine(vectors[0], vectors[1]),
    errors,
    grown: wasm.HEAPU8.length - before,
  }),
);
