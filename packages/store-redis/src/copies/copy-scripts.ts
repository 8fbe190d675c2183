import type { CopyScript } from './copies-server.ts';

/**
 * KEYS: a copy, then the two marks of its tenant's partition: `valid`, under which copies were kept, and `guard`, which
 * each change replaces. A mark that is missing is made anew and nothing is kept that time: nobody can know what was
 * forgotten before it went.
 *
 * ARGV: valid and guard as they were found, a new mark, the time marks are kept for, the copy, its time.
 */
export const KEEP: CopyScript = {
  command: 'mooring_copy_keep_1',
  lua: String.raw`
local valid, guard = redis.call('GET', KEYS[2]), redis.call('GET', KEYS[3])
if not valid then redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4]) end
if not guard then redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4]) end
if not valid or not guard or valid ~= ARGV[1] or guard ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[6])
return 1
`,
};

/** As `KEEP`; without a copy ARGV ends with the time of marks. */
export const FORGET: CopyScript = {
  command: 'mooring_copy_forget_1',
  lua: String.raw`
local succeeds = ARGV[5] and redis.call('GET', KEYS[2]) == ARGV[1] and redis.call('GET', KEYS[3]) == ARGV[2]
redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4])
if succeeds then
  redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[6])
else
  redis.call('DEL', KEYS[1])
end
return 1
`,
};

/** KEYS: the two marks. ARGV: a new mark, the time it is kept for. */
export const FORGET_PARTITION: CopyScript = {
  command: 'mooring_copy_forget_partition_1',
  lua: String.raw`
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return 1
`,
};
