import { format } from 'node:util';
import { realProcess } from './unhandled-rejections.ts';

type Write = NodeJS.WriteStream['write'];
const METHODS = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const;

/** What is written to the console, to standard output and error, and as a warning of the process, while `work` runs. */
export async function capturedOutput(work: () => Promise<void>): Promise<string> {
  const lines: string[] = [];
  const restore: (() => void)[] = [];
  for (const stream of [realProcess.stdout, realProcess.stderr]) {
    const own = Object.getOwnPropertyDescriptor(stream, 'write');
    const write = stream.write.bind<Write>(stream);
    stream.write = ((...args: Parameters<Write>) => {
      lines.push(String(args[0]));
      return write(...args);
    }) as Write;
    restore.push(() => {
      if (own === undefined) delete (stream as { write?: Write }).write;
      else Object.defineProperty(stream, 'write', own);
    });
  }
  for (const method of METHODS) {
    const before = console[method];
    console[method] = (...args: unknown[]) => {
      lines.push(format(...args));
      before.apply(console, args);
    };
    restore.push(() => {
      console[method] = before;
    });
  }
  const warned = (warning: Error): void => void lines.push(warning.stack ?? warning.message);
  realProcess.on('warning', warned);
  restore.push(() => realProcess.off('warning', warned));
  try {
    await work();
  } finally {
    // Warnings are told at the end of a turn of the event loop.
    await new Promise((resolve) => void setImmediate(resolve));
    for (const undo of restore) undo();
  }
  return lines.join('\n');
}
