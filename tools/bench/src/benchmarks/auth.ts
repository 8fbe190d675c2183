import { openAuthLaboratory } from '../auth/auth-laboratory.ts';
import { LOGIN_ARMS, Logins } from '../auth/logins.ts';
import type { LoginArm } from '../auth/logins.ts';
import { VERIFY_ARMS, Verifications } from '../auth/verifications.ts';
import type { VerifyArm } from '../auth/verifications.ts';
import type { Benchmark, BenchmarkRun, Check, Report, Row } from '../benchmark.ts';
import { median, quantile, spreadOf } from '../statistics.ts';

const FULL = { users: 101, sessions: 2000, logins: 40, verifications: 2000, concurrent: 20_000, callers: 64 };
const QUICK = { users: 4, sessions: 10, logins: 1, verifications: 4, concurrent: 40, callers: 4 };

interface Run {
  readonly logins: Readonly<Record<LoginArm, number[]>>;
  readonly verifications: Readonly<Record<VerifyArm, number[]>>;
  readonly throughput: Readonly<Record<VerifyArm, number>>;
}

export async function measureAuth(run: BenchmarkRun): Promise<Report> {
  const { progress } = run;
  const sizes = run.quick ? QUICK : FULL;
  progress(`starting PostgreSQL and the auth API with ${sizes.users} users`);
  const laboratory = await openAuthLaboratory(sizes.users);
  try {
    progress('warming up');
    const logins = await Logins.prepare(laboratory);
    const verifications = await Verifications.prepare(laboratory, sizes.sessions);
    await Promise.all([logins.measure(1), verifications.measure(Math.ceil(sizes.verifications / 4))]);
    const runs: Run[] = [];
    for (let index = 0; index < run.runs; index += 1) {
      progress(`run ${index + 1} of ${run.runs}`);
      const order = index % 2 === 0 ? VERIFY_ARMS : VERIFY_ARMS.toReversed();
      const throughput: Record<VerifyArm, number> = { verify: 0, 'read by primary key': 0 };
      for (const arm of order) throughput[arm] = await verifications.throughput(arm, sizes.callers, sizes.concurrent);
      runs.push({
        throughput,
        verifications: await verifications.measure(sizes.verifications),
        logins: await logins.measure(sizes.logins),
      });
    }
    return reportOf(runs, sizes.callers);
  } finally {
    await laboratory.close();
  }
}

function reportOf(runs: readonly Run[], callers: number): Report {
  const logins = rowsOf(
    LOGIN_ARMS,
    runs.map((run) => run.logins),
    'login',
    'wrong password',
  );
  const verifications = rowsOf(
    VERIFY_ARMS,
    runs.map((run) => run.verifications),
    'verification',
    'read by primary key',
  );
  const throughput = VERIFY_ARMS.map((arm): Row => {
    const perSecond = runs.map((run) => run.throughput[arm]);
    return {
      name: `verifications by ${callers} callers / read by primary key`,
      arm,
      unit: 'per s',
      p50: median(perSecond),
      p95: quantile(perSecond, 0.95),
      ratio: spreadOf(runs.map((run) => run.throughput[arm] / run.throughput['read by primary key'])),
    };
  });
  const ratioOf = (arm: string): number => logins.find((row) => row.arm === arm)?.ratio.median ?? Number.NaN;
  const alike = (['unknown user', 'locked account'] as const).map((arm): Check => {
    const value = ratioOf(arm);
    return { name: `time of: ${arm} / wrong password`, target: '0.9 to 1.1', value, ok: value >= 0.9 && value <= 1.1 };
  });
  const share = ratioOf('argon2id alone') / ratioOf('right password');
  const verify = verifications.find(({ arm }) => arm === 'verify')?.ratio.median ?? Number.NaN;
  return {
    benchmark: 'auth',
    runs: runs.length,
    rows: [...verifications, ...throughput, ...logins],
    checks: [
      { name: 'verify / read by primary key', target: '<= 1.15', value: verify, ok: verify <= 1.15 },
      ...alike,
      { name: 'share of argon2id in a login', target: '>= 0.5', value: share, ok: share >= 0.5 },
    ],
  };
}

function rowsOf<Arm extends string>(
  arms: readonly Arm[],
  runs: readonly Readonly<Record<Arm, number[]>>[],
  what: string,
  reference: Arm,
): Row[] {
  return arms.map((arm) => {
    const all = runs.flatMap((run) => run[arm]);
    return {
      name: `${what} / ${reference}`,
      arm,
      unit: 'ms',
      p50: median(all),
      p95: quantile(all, 0.95),
      p99: quantile(all, 0.99),
      ratio: spreadOf(runs.map((run) => median(run[arm]) / median(run[reference]))),
    };
  });
}

export const auth: Benchmark = {
  name: 'auth',
  summary: 'verifying a token against a bare read, and logins: right, wrong, unknown, locked, against argon2id alone',
  conditions: [
    'PostgreSQL, the auth API (a process of its own) and the callers share this machine and its cores.',
    'A verification is whole: parsing, hashing, one statement, decoding; its write is not due. The read decodes nothing.',
    'Logins go over HTTP, one at a time, the kinds in turns, each from an address of its own as the service sees it.',
    'argon2id: 19456 KiB, 2 passes, 1 lane, here in the same process as the caller.',
  ],
  run: measureAuth,
};
