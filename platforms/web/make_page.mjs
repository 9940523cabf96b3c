// Makes the demonstration page: one file with the module and the model inside, which works from a disk, without a server or a network.
//   node make_page.mjs PACKAGE_DIR MODEL.pbert OUTPUT.html
import { readFileSync, writeFileSync } from 'node:fs';

const [folder, model, output] = process.argv.slice(2);
const here = new URL('.', import.meta.url);
// The modules become one script: imports and exports between them go.
const script = (name) =>
  readFileSync(`${folder}/${name}`, 'utf8').replace(/^import .*$/gm, '').replace(/^export (default|\{) .*$/gm, '').replace(/^export /gm, '');
const parts = {
  MODULE: ['pocketbert-wasm.mjs', 'memory.js', 'session.js', 'pocketbert.js'].map(script).join('\n'),
  WASM: readFileSync(`${folder}/pocketbert-wasm.wasm`).toString('base64'),
  MODEL: readFileSync(model).toString('base64'),
};
writeFileSync(output, readFileSync(new URL('page.html', here), 'utf8').replace(/\/\*(MODULE|WASM|MODEL)\*\//g, (_, part) => parts[part]));
