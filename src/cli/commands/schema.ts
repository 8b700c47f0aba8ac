/** `schema`: the JSON Schemas of the definition files, for editors. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, type Command } from 'commander';
import { definitionsJsonSchema, type SchemaName, schemaFiles } from '../../catalog/jsonSchema.js';
import type { Session } from '../context.js';
import { examples, usage } from '../flags.js';
import { makeFolder } from '../makeFolder.js';

export function register(program: Command, session: Session): void {
  program
    .command('schema')
    .summary('print or write the JSON Schemas of the files')
    .description(
      'Prints the JSON Schema of lago.yaml or of the files in plans/, or writes both into schema/ of the project, where ' +
        'the first line of each file made by `init` points an editor to.',
    )
    .addArgument(new Argument('[name]', 'which one').choices(Object.keys(schemaFiles)))
    .option('--write', 'write both into schema/ of the project')
    .addHelpText('after', examples('schema plans > plans.schema.json', 'schema --write'))
    .action((name: SchemaName | undefined, flags: { write?: boolean }) => {
      if (flags.write === true) {
        for (const file of writeSchemas(session.paths().root)) session.note(`wrote ${file}`);
      } else if (name === undefined) throw usage('name the schema, lago or plans, or give --write');
      else session.stdout.write(schemaText(name));
    });
}

export function writeSchemas(root: string): string[] {
  const folder = join(root, 'schema');
  makeFolder(folder);
  return (Object.keys(schemaFiles) as SchemaName[]).map((name) => {
    const file = join(folder, schemaFiles[name]);
    writeFileSync(file, schemaText(name));
    return file;
  });
}

function schemaText(name: SchemaName): string {
  return `${JSON.stringify(definitionsJsonSchema(name), null, 2)}\n`;
}
