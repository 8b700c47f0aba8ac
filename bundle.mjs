// Joins what tsc wrote, and the packages it needs, into few files: Node then starts in half the time. Commands stay apart,
// each loaded when it is called; what many of them share is one file, for each file costs as much as its first 50 KB. PDF
// and SQLite packages read files of their own and are left where they are.
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const dist = fileURLToPath(new URL('dist', import.meta.url));
const folder = join(dist, 'bundle');

const input = {
  input: { main: join(dist, 'cli/main.js') },
  platform: 'node',
  external: ['better-sqlite3', 'fontkit', 'pdfkit'],
  checks: { ineffectiveDynamicImport: false },
  plugins: [
    {
      name: 'own-place',
      /** Files that ship beside the code are found from the module's own place, not from the bundle's. */
      transform(code, id) {
        if (!id.startsWith(dist) || !code.includes('import.meta.url')) return null;
        const place = relative(folder, id).replaceAll('\\', '/');
        return code.replaceAll('import.meta.url', `new URL(${JSON.stringify(place)}, import.meta.url).href`);
      },
    },
  ],
};

/** The modules that are loaded before any command is chosen: they must not bring in the others. */
async function firstModules(bundle) {
  const { output } = await bundle.generate({ format: 'esm' });
  const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk]));
  const first = new Set();
  const add = (chunk) => {
    if (chunk === undefined || first.has(chunk)) return;
    first.add(chunk);
    for (const name of chunk.imports) add(chunks.get(name));
  };
  add(output.find((chunk) => chunk.isEntry));
  return new Set([...first].flatMap((chunk) => chunk.moduleIds));
}

const bundle = await rolldown(input);
const first = await firstModules(bundle);
await bundle.write({
  dir: folder,
  format: 'esm',
  cleanDir: true,
  codeSplitting: {
    groups: [
      { name: 'first', test: (id) => first.has(id), priority: 1 },
      { name: 'shared', minShareCount: 4 },
    ],
  },
});
