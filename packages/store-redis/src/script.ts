import { createHash } from 'node:crypto';
import { word } from './server-call.ts';

/** A Lua script: its text goes over each connection once, after that its digest. */
export interface Script {
  /** How a call begins on the wire, after the count of its words: with the text, or with its SHA-1. */
  readonly whole: string;
  readonly digest: string;
}

/**
 * ARGV[1] is the injected time, or empty: then the server's clock counts. Keys expire some time after everything in
 * them is dead, as garbage only. Under an injected clock that margin is longer: real time may pass while it stands still.
 */
const CLOCK = String.raw`
local micros, MARGIN
if ARGV[1] == '' then
  local time = redis.call('TIME')
  micros, MARGIN = time[1] * 1000000 + time[2], 60000
else
  micros, MARGIN = tonumber(ARGV[1]) * 1000, 3600000
end
local now = math.floor(micros / 1000)
`;

const TEXT = String.raw`
local function text(number) return string.format('%.0f', number) end
`;

/**
 * `lua` sees `now` in milliseconds, `micros`, `MARGIN`, `text(number)`, and its arguments from ARGV[2] on. `first` runs
 * before it, without `text`: where it answers, the functions of the rest are not even made.
 */
export function script(lua: string, first = ''): Script {
  const text = CLOCK + first + TEXT + lua;
  const digest = createHash('sha1').update(text).digest('hex');
  return { whole: word('eval') + word(text), digest: word('evalsha') + word(digest) };
}
