import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A `curl` with what the examples use of it, for machines without one. */
const CURL = `#!/usr/bin/env node
const args = process.argv.slice(2);
const valuesOf = (flag) => args.filter((_, index) => args[index - 1] === flag);
const [body] = valuesOf('-d');
const headers = Object.fromEntries(valuesOf('-H').map((header) => header.split(': ')));
const url = args.find((arg) => arg.startsWith('http'));
const [method = body === undefined ? 'GET' : 'POST'] = valuesOf('-X');
const answer = await fetch(url, { method, headers, body });
if (args.includes('-f') && !answer.ok) process.exit(22);
const [after = ''] = valuesOf('-w');
process.stdout.write(await answer.text());
process.stdout.write(after.replace('%{http_code}', answer.status).replace('\\\\n', '\\n'));
`;

export interface ShownQuery {
  readonly sessionReused: boolean;
  readonly timings: { readonly submitMs?: number };
  readonly rows: unknown[][];
}

/** Runs the commands that were printed to copy, in one shell after the other, which keep their variables. */
export class ExampleShell {
  private constructor(private readonly folder: string) {}

  static async open(folder: string): Promise<ExampleShell> {
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'curl'), CURL);
    await chmod(join(folder, 'curl'), 0o755);
    await writeFile(join(folder, 'variables'), '');
    return new ExampleShell(folder);
  }

  /** What the command prints. */
  async run(command: string): Promise<string> {
    const variables = join(this.folder, 'variables');
    const script = `. '${variables}'\n${command}\nprintf 'TOKEN=%s\\nOTHER=%s\\n' "$TOKEN" "$OTHER" > '${variables}'`;
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', script], {
      env: { PATH: `${this.folder}:${process.env['PATH']}` },
    });
    return stdout;
  }

  async json(command: string): Promise<Record<string, unknown>> {
    return JSON.parse(await this.run(command)) as Record<string, unknown>;
  }

  /** The answers of the query API that the command prints, each whole or as the printed filter of jq shows it. */
  async queries(command: string): Promise<readonly ShownQuery[]> {
    const lines = (await this.run(command)).trim().split('\n');
    const shown: ShownQuery[] = [];
    for (const line of lines.map((text) => JSON.parse(text) as object)) {
      const last = shown.at(-1);
      if (Array.isArray(line)) last?.rows.push(line);
      else if ('rows' in line) shown.push(line as ShownQuery);
      else if ('sessionReused' in line)
        shown.push({ ...(line as Pick<ShownQuery, 'sessionReused'>), timings: {}, rows: [] });
      else Object.assign(last?.timings ?? {}, line);
    }
    return shown;
  }

  /** The rows of SQL on the engine that the command prints, whole or as the printed filter of jq shows them. */
  async rows(command: string): Promise<readonly unknown[]> {
    const lines = (await this.run(command)).trim().split('\n');
    return lines.flatMap((text) => {
      const line = JSON.parse(text) as unknown[] | { tookMs?: number; results?: { rows: unknown[] }[] };
      if (Array.isArray(line)) return [line];
      if (line.tookMs === undefined) throw new Error(text);
      return (line.results ?? []).flatMap(({ rows }) => rows);
    });
  }
}

/** The commands that it printed to copy. */
export function readExamples(output: string): string[] {
  return output.split('\n\n').filter((block) => /^ {2}(curl |for |[A-Z]+=)/.test(block));
}
