import { BACKENDS } from '../backends.ts';
import type { Drill } from '../drill.ts';

export const clockForward: Drill = {
  name: 'clock-forward',
  purpose: 'the wall clock of one process of each service jumps two minutes ahead, and back',
  backends: BACKENDS,
  inject: (site) => site.jumpClocks(120_000),
  recover: (site) => site.jumpClocks(0),
  exempt: {
    'limit is exact': { backends: ['sqlite', 'dynamodb'], why: 'clocks that differ make a window shorter by as much' },
  },
};
