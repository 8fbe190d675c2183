import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CommandError, EXIT } from '../errors.ts';
import type { Streams } from './streams.ts';

/** Asks the person at the terminal. What is typed is shown, or, `hidden`, not. */
export async function ask(
  { input, errors }: Pick<Streams, 'input' | 'errors'>,
  question: string,
  { hidden = false }: { readonly hidden?: boolean } = {},
): Promise<string> {
  const echo = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!hidden) errors.write(chunk.toString());
      done();
    },
  });
  const terminal = createInterface({ input, output: echo, terminal: true });
  const left = new Promise<never>((_, reject) => {
    terminal.once('close', () => reject(nothingTyped()));
  });
  left.catch(() => undefined);
  try {
    errors.write(question);
    const answer = await Promise.race([terminal.question(''), left]);
    if (hidden) errors.write('\n');
    return answer;
  } finally {
    terminal.close();
  }
}

/** All of an input where nobody sits. */
export async function readAll(input: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** A new password: asked for twice at a terminal, else the first line of the input. Never an argument. */
export async function readNewPassword(streams: Pick<Streams, 'input' | 'errors'>): Promise<string> {
  if (streams.input.isTTY !== true) return (await readAll(streams.input)).split(/\r?\n/, 1)[0] ?? '';
  const password = await ask(streams, 'New password: ', { hidden: true });
  if ((await ask(streams, 'Again: ', { hidden: true })) === password) return password;
  throw new CommandError({ code: 'passwords_differ', message: 'The passwords are not the same. Nothing was done.' });
}

function nothingTyped(): CommandError {
  const message = 'Nothing was typed. Nothing was done.';
  return new CommandError({ code: 'nothing_typed', message, exitCode: EXIT.wrongUsage });
}
