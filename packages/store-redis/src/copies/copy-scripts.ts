import { script } from '../script.ts';
import type { Script } from '../script.ts';

/**
 * KEYS: a copy, then the two marks of its tenant's partition: `valid`, under which copies were kept, and `guard`, which
 * each change replaces. A mark that is missing is made anew and nothing is kept that time: nobody can know what was
 * forgotten before it went.
 *
 * ARGV from 2: valid and guard as they were found, a new mark, the time marks are kept for, the copy, its time.
 */
export const KEEP: Script = script(String.raw`
local valid, guard = redis.call('GET', KEYS[2]), redis.call('GET', KEYS[3])
if not valid then redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[5]) end
if not guard then redis.call('SET', KEYS[3], ARGV[4], 'PX', ARGV[5]) end
if not valid or not guard or valid ~= ARGV[2] or guard ~= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[6], 'PX', ARGV[7])
return 1
`);

/** As `KEEP`; without a copy ARGV ends with the time of marks. */
export const FORGET: Script = script(String.raw`
local succeeds = ARGV[6] and redis.call('GET', KEYS[2]) == ARGV[2] and redis.call('GET', KEYS[3]) == ARGV[3]
redis.call('SET', KEYS[3], ARGV[4], 'PX', ARGV[5])
if succeeds then
  redis.call('SET', KEYS[1], ARGV[6], 'PX', ARGV[7])
else
  redis.call('DEL', KEYS[1])
end
return 1
`);

/** KEYS: the two marks. ARGV from 2: a new mark, the time it is kept for. */
export const FORGET_PARTITION: Script = script(String.raw`
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1
`);
