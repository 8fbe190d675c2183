import { createHash } from 'node:crypto';

/** A Lua script: loaded once on each server, then called by its digest. */
export interface Script {
  /** The name of the command that it becomes on a client. */
  readonly command: string;
  readonly lua: string;
}

/**
 * ARGV[1] is the injected time, or empty: then the server's clock counts. Keys expire some time after everything in
 * them is dead, as garbage only. Under an injected clock that margin is longer: real time may pass while it stands still.
 */
const PRELUDE = String.raw`
local micros
if ARGV[1] ~= '' then
  micros = tonumber(ARGV[1]) * 1000
else
  local time = redis.call('TIME')
  micros = tonumber(time[1]) * 1000000 + tonumber(time[2])
end
local now = math.floor(micros / 1000)
local MARGIN = ARGV[1] == '' and 60000 or 3600000
local function text(number) return string.format('%.0f', number) end
`;

/** `lua` sees `now` in milliseconds, `micros`, `MARGIN`, `text(number)`, and its arguments from ARGV[2] on. */
export function script(name: string, lua: string): Script {
  const whole = PRELUDE + lua;
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  return { command: `mooring_${name}_${digest}`, lua: whole };
}
