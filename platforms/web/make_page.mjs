// Makes the demonstration page: one file with the module and the model inside, which works from a disk, without a server or a network.
//   node make_page.mjs PACKAGE_DIR MODEL.pbert OUTPUT.html
import { readFileSync, writeFileSync } from 'node:fs';

const [folder, model, output] = process.argv.slice(2);
const here = new URL('.', import.meta.url);
// Two modules become one script: imports and exports between them go.
const loader = readFileSync(`${folder}/pocketbert-wasm.mjs`, 'utf8').replace(/^export default .*$/m, '');
const face = readFileSync(`${folder}/pocketbert.js`, 'utf8').replace(/^import .*$/m, '').replace(/^export /gm, '');
const parts = {
  MODULE: `${loader}\n${face}`,
  WASM: readFileSync(`${folder}/pocketbert-wasm.wasm`).toString('base64'),
  MODEL: readFileSync(model).toString('base64'),
};
writeFileSync(output, readFileSync(new URL('page.html', here), 'utf8').replace(/\/\*(MODULE|WASM|MODEL)\*\//g, (_, part) => parts[part]));
