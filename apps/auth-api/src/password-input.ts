import { createInterface } from 'node:readline/promises';
import type { Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';

export interface PasswordSource extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
}

/**
 * A password from a person, asked for twice and not shown, or, where nobody sits there, the first line of the input. Never
 * an argument: those are in lists of processes and histories of shells.
 *
 * @throws Error when both are not the same.
 */
export async function readPassword(input: PasswordSource, output: NodeJS.WritableStream): Promise<string> {
  if (input.isTTY !== true) return readLine(createInterface({ input }));
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input, output: silent, terminal: true });
  const left = new Promise<never>((_, reject) => {
    terminal.once('close', () => reject(new Error('No password was given. Nothing was done.')));
  });
  left.catch(() => undefined);
  try {
    const ask = async (question: string): Promise<string> => {
      const typed = terminal.question('');
      output.write(question);
      const answer = await Promise.race([typed, left]);
      output.write('\n');
      return answer;
    };
    const password = await ask('Password: ');
    if ((await ask('Again: ')) !== password) throw new Error('The passwords are not the same. Nothing was done.');
    return password;
  } finally {
    terminal.close();
  }
}

async function readLine(lines: Interface): Promise<string> {
  for await (const line of lines) {
    lines.close();
    return line;
  }
  return '';
}
