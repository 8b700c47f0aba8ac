/** `completion`: a script that completes command names in bash, zsh or fish. */
import { Argument, type Command } from 'commander';
import type { Session } from '../context.js';
import { examples } from '../flags.js';

export function register(program: Command, session: Session): void {
  program
    .command('completion')
    .summary('print a completion script for a shell')
    .description('Prints a script that completes the names of commands.')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', examples('completion bash > ~/.local/share/bash-completion/completions/lago-cli'))
    .action((shell: string) => {
      const names = program.commands.map((command) => command.name()).join(' ');
      session.stdout.write(scripts[shell as keyof typeof scripts](names));
    });
}

const scripts = {
  bash: (names: string) => `complete -o default -W "${names}" lago-cli\n`,
  zsh: (names: string) => `#compdef lago-cli\n_arguments '1:command:(${names})' '*:file:_files'\n`,
  fish: (names: string) => `complete -c lago-cli -n __fish_use_subcommand -a "${names}"\n`,
};
