// How much memory opening a model and answering once takes at its peak, beyond Node with the module loaded, in sizes of the file.
//
//   platforms/web/build.sh package
//   node tests/bench/web_memory.mjs MODEL file|bytes|response
//
// The response comes from another process, whose memory does not count.
import { fork } from 'node:child_process';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [file, way] = process.argv.slice(2);
const size = statSync(file).size;
if (way === 'serve') {
  const server = createServer((_, answer) => {
    answer.setHeader('content-length', size);
    createReadStream(file).pipe(answer);
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
} else {
  const { load, openModel } = await import(new URL('../../build/web/package/pocketbert.js', import.meta.url));
  await load();
  const before = process.memoryUsage().rss;
  let server;
  const ways = {
    file: () => pathToFileURL(file),
    bytes: () => readFileSync(file),
    response: async () => {
      server = fork(fileURLToPath(import.meta.url), [file, 'serve']);
      return fetch(`http://127.0.0.1:${await new Promise((resolve) => server.once('message', resolve))}/`);
    },
  };
  const model = await openModel(await ways[way]());
  model.session({ maxTokens: 128 }).classify('hello');
  const peak = 1024 * process.resourceUsage().maxRSS;
  console.log(JSON.stringify({ way, file_mb: +(size / 1e6).toFixed(1), peak_mb: +((peak - before) / 1e6).toFixed(1), files: +((peak - before) / size).toFixed(2) }));
  server?.kill();
}
