import { pino } from 'pino';

/** Structured log. Pass fields first, then a message that is the same for every occurrence. */
export type Logger = pino.Logger;

export const Logger = Symbol('Logger');

export interface LoggerOptions {
  readonly name: string;
  /** Default `info`. */
  readonly level?: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Values that no line may hold, whatever logs them. */
  readonly secrets?: readonly string[];
  /** What no line may hold by its form, such as tokens of the service. */
  readonly secretForms?: readonly RegExp[];
  /** Where lines go. Default standard output. */
  readonly destination?: pino.DestinationStream;
}

/** Authorization values and the user part of URLs, whoever they belong to. */
const CREDENTIALS = /\b(Bearer|Basic) [A-Za-z0-9._~+/=-]+|(?<=:\/\/)[^\s/@"\\]+(?=@)/g;

/** A logger of JSON lines. Known secrets and anything that looks like credentials are cut out of every line. */
export function createLogger(options: LoggerOptions): Logger {
  const { name, level = 'info', secrets = [], secretForms = [], destination } = options;
  const forms = secretForms.map(({ source, flags }) => new RegExp(source, flags.includes('g') ? flags : `${flags}g`));
  // As JSON, since that is how they stand in a line. Longest first: one may hold another.
  const values = secrets.map((secret) => JSON.stringify(secret).slice(1, -1)).sort((a, b) => b.length - a.length);
  const scrub = (line: string): string => {
    let clean = line.replaceAll(CREDENTIALS, (found) => (/^(Bearer|Basic) /.exec(found)?.[0] ?? '') + '[redacted]');
    for (const value of [...values, ...forms]) clean = clean.replaceAll(value, '[redacted]');
    return clean;
  };
  return pino(
    {
      name,
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: scrub },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
