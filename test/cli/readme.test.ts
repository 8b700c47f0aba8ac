import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandLine, project } from './commandLine.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const october = fileURLToPath(new URL('../../fixtures/segment-october.ndjson.gz', import.meta.url));

describe('README', () => {
  it('shows a first minute that goes as written', () => {
    let folder = mkdtempSync(join(tmpdir(), 'lago-cli-readme-'));
    for (const { words, shown } of transcript(blockUnder('## A minute with it', 'console'))) {
      if (words[0] === 'cd') {
        folder = join(folder, words[1] as string);
        copyFileSync(october, join(folder, 'october.ndjson.gz'));
        continue;
      }
      const { code, stdout, stderr } = commandLine(folder)(words.slice(1));
      const printed = [...stdout.split('\n'), ...stderr.split('\n')].map(withoutTime);
      expect(code, `${words.join(' ')}\n${stderr}`).toBe(words[1] === 'ingest' ? 10 : 0);
      for (const line of shown.map(withoutTime)) expect(printed, words.join(' ')).toContain(line);
    }
  });

  it('prices by an example that is valid, and in the way that it says', () => {
    const folder = project();
    writeFileSync(join(folder, 'plans', 'pro.yaml'), blockUnder('## Pricing by example', 'yaml'));
    expect(commandLine(folder)(['validate', '--strict'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('ingests files in the ways that it names', () => {
    const folder = project();
    const event = { transaction_id: 'a', code: 'calls', external_subscription_id: 's', timestamp: 1791000000 };
    const track = { type: 'track', messageId: 'm', userId: 's', event: 'calls', timestamp: '2026-10-03T04:00:00Z' };
    writeFileSync(join(folder, 'usage.ndjson'), JSON.stringify(event));
    writeFileSync(join(folder, 'calls.json'), JSON.stringify([track]));
    writeFileSync(
      join(folder, 'usage.csv'),
      'transaction_id,code,external_subscription_id,timestamp\nc,calls,s,1791000000\n,calls,s,1791000000\n',
    );
    const commands = blockUnder('## Sending events', 'sh')
      .split('\n')
      .filter((line) => line.startsWith('lago-cli'));
    expect(commands).toHaveLength(3);
    const runs = commands.map((line) => commandLine(folder)(words(line).slice(1)));
    expect(runs.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, '1 stored\n'],
      [0, '1 stored\n'],
      [10, '1 stored, 1 refused\n'],
    ]);
  });

  it('maps foreign records by its mapping file', () => {
    const folder = project();
    writeFileSync(join(folder, 'mapping.yaml'), blockUnder('## Sending events', 'yaml'));
    const record = { order_id: 7, line: 1, account: { id: 's' }, created_at: '2026-10-03T04:00:00Z', data: { n: 1 } };
    const run = commandLine(folder);
    const ingested = run(['ingest', '-', '--map', 'mapping.yaml'], JSON.stringify(record));
    expect(ingested).toMatchObject({ code: 0, stdout: '1 stored\n' });
    const [event] = JSON.parse(run(['events', 'list', '--json']).stdout).events;
    expect(event).toMatchObject({ code: 'api_calls', external_subscription_id: 's', properties: { n: 1 } });
  });

  it('tests pricing by a scenario that passes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lago-cli-readme-'));
    writeFileSync(join(folder, 'pricing.yaml'), blockUnder('## Testing your pricing', 'yaml'));
    const [command] = transcript(blockUnder('## Testing your pricing', 'console'));
    const run = commandLine(folder)((command?.words ?? []).slice(1));
    expect(run).toEqual({ code: 0, stdout: `${command?.shown.join('\n')}\n`, stderr: '' });
  });

  const listed = commandsInTable();
  const anywhere = commandLine(tmpdir());

  it('names every command, and no other', () => {
    expect([...listed.keys()].sort()).toEqual(commandsIn(anywhere(['--help']).stdout).sort());
  });

  it.each([...listed].filter(([, subcommands]) => subcommands.length > 0))(
    'names every command of %s, and no other',
    (group, subcommands) => {
      expect([...subcommands].sort()).toEqual(commandsIn(anywhere([group, '--help']).stdout).sort());
    },
  );

  it('gives every command that it names an example in its help', () => {
    const commands = [...listed].flatMap(([group, subcommands]) => {
      const inside = subcommands.length > 0 ? subcommands : commandsIn(anywhere([group, '--help']).stdout);
      return inside.length === 0 ? [[group]] : inside.map((name) => [group, name]);
    });
    const without = helpTexts(commands).filter(({ help }) => !/\nExamples?:\n {2}\$ lago-cli /.test(help));
    expect(without.map(({ command }) => command)).toEqual([]);
  });
});

/** The help of each, by one process: starting the binary for each takes half a minute. */
function helpTexts(commands: readonly (readonly string[])[]): { command: string; help: string }[] {
  const script = `
    import { main } from ${JSON.stringify(new URL('../../dist/cli/main.js', import.meta.url).href)};
    for (const command of ${JSON.stringify(commands)}) {
      process.stdout.write('\\0');
      await main([...command, '--help']);
    }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  const texts = stdout.split('\0').slice(1);
  expect(texts).toHaveLength(commands.length);
  return commands.map((command, index) => ({ command: command.join(' '), help: texts[index] ?? '' }));
}

/** The first block of this language below a heading. */
function blockUnder(heading: string, language: string): string {
  const section = readme.slice(readme.indexOf(`\n${heading}\n`));
  const block = new RegExp(`\n\`\`\`${language}\n(.*?)\n\`\`\``, 's').exec(section);
  if (block?.[1] === undefined) throw new Error(`README has no ${language} block under ${heading}`);
  return block[1];
}

/** Commands, each with the output shown below it. */
function transcript(block: string): { words: string[]; shown: string[] }[] {
  const commands: { words: string[]; shown: string[] }[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('$ ')) commands.push({ words: words(line.slice(2)), shown: [] });
    else commands.at(-1)?.shown.push(line);
  }
  return commands;
}

/** A command line without its comment, split as a shell does; quotes are plain. */
function words(line: string): string[] {
  const command = line.replace(/\s+#.*$/, '');
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? (plain as string));
}

function withoutTime(line: string): string {
  return line.replace(/\(\d+\.\d s\)/, '(… s)').trimEnd();
}

/** `customers create\|list` of the table → customers: create, list. A name alone has no list. */
function commandsInTable(): Map<string, string[]> {
  const section = readme.slice(readme.indexOf('\n## Commands\n'), readme.indexOf('\n## Testing your pricing\n'));
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && line.includes('`'));
  const found = new Map<string, string[]>();
  for (const [, code] of rows.join('\n').matchAll(/`([^`]+)`/g)) {
    const [group, names] = (code as string).split(' ');
    found.set(group as string, [...(found.get(group as string) ?? []), ...(names?.split('\\|') ?? [])]);
  }
  return found;
}

/** Names under `Commands:` of a help text. */
function commandsIn(help: string): string[] {
  const list = help.slice(help.indexOf('\nCommands:\n') + 1).split('\n\n')[0] ?? '';
  if (!list.startsWith('Commands:')) return [];
  return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)]
    .map(([, name]) => name as string)
    .filter((name) => name !== 'help');
}
