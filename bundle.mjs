// Joins what tsc wrote, and the packages it needs, into few files: Node then starts in half the time. Commands stay apart,
// each loaded when it is called. PDF and SQLite packages read files of their own and are left where they are.
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const dist = fileURLToPath(new URL('dist', import.meta.url));
const folder = join(dist, 'bundle');

await build({
  input: { main: join(dist, 'cli/main.js') },
  platform: 'node',
  external: ['better-sqlite3', 'fontkit', 'pdfkit'],
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
  output: { dir: folder, format: 'esm', cleanDir: true },
});
