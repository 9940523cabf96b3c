// Answers each line of standard input with the npm package, as the command's `run --json --reject --top-k 0` and `tokenize` do.
//   node in_node.mjs PACKAGE_DIR MODEL
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [folder, file] = process.argv.slice(2);
const { openModel, PocketbertError } = await import(`${folder}/pocketbert.js`);

const refused = (call) => call.then(() => 'no error', (error) => error instanceof PocketbertError && error.message);
const bytes = readFileSync(file);
const start = performance.now();
const model = await openModel(bytes, { verify: true });
const session = model.session({ maxTokens: 128 });
session.classify('hello');
const first_ms = performance.now() - start;

const answers = [];
let total_ms = 0;
for (const line of readFileSync(0, 'utf8').split('\n').filter((text) => text !== '')) {
  const before = performance.now();
  const { labels, rejected, truncated } = session.classify(line);
  total_ms += performance.now() - before;
  const tokens = model.tokenize(line);
  answers.push({ rejected, truncated, labels, ids: tokens.map(({ id }) => id), places: tokens.map(({ begin, end }) => line.slice(begin, end)) });
}

const errors = {
  damaged: await refused(openModel(bytes.subarray(0, 1000))),
  no_response: await refused(openModel(new Response('gone', { status: 404 }))),
  empty_response: await refused(openModel(new Response(null))),
  too_long_response: await refused(openModel(new Response(bytes, { headers: { 'content-length': String(2 ** 32 + 100) } }))),
  not_a_model: await refused(openModel(new TextEncoder().encode('not a model at all, though long enough to be looked at'))),
};
// A lone surrogate is one UTF-16 unit, and offsets go on after it.
const surrogate = model.tokenize('\ud800 hello');
errors.surrogate = surrogate.filter(({ source }) => source === 'text').map(({ begin, end }) => [begin, end]);

session.close();
session.close();
errors.closed_session = await refused(Promise.resolve().then(() => session.classify('x')));
const other = model.session();
model.close();
model.close();
errors.closed_with_model = await refused(Promise.resolve().then(() => other.classify('x')));
errors.closed_model = await refused(Promise.resolve().then(() => model.session()));

// However a model comes, it is the same one: with its length, without, and with one that counts something else.
const lengths = [bytes.length, 1000, 2 * bytes.length, 'unknown'];
const responses = lengths.map((length) => new Response(bytes, { headers: { 'content-length': String(length) } }));
const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
const sources = [pathToFileURL(file), copy, new DataView(copy), new Response(bytes), ...responses];
const same = [];
for (const source of sources) {
  const opened = await openModel(source, { verify: true });
  same.push(opened.session().classify('hello').labels[0].score);
  opened.close();
}

// A leak of 10 MB a time would need more than 32-bit memory has.
for (let i = 0; i < 500; ++i) {
  const again = await openModel(bytes);
  again.close();
}
console.log(JSON.stringify({ first_ms, mean_ms: total_ms / answers.length, answers, errors, same }));
