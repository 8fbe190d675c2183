import type { AuthLaboratory } from './auth-laboratory.ts';

export const VERIFY_ARMS = ['verify', 'read by primary key'] as const;
export type VerifyArm = (typeof VERIFY_ARMS)[number];

/** Without decoding: the floor is the read alone. */
const UNDECODED = { getTypeParser: () => (value: string) => value };

const READ = {
  name: 'bench_read_session',
  text: `select subject_id, data, version, created_at, authenticated_at, last_seen_at, idle_timeout_ms, idle_expires_at,
      absolute_expires_at, verifier, rotated_at
    from mooring_sessions where namespace = $1 and tenant_id = $2 and id = $3`,
  types: UNDECODED,
};

interface Issued {
  readonly token: string;
  readonly id: string;
}

/** A verification, whole, next to a bare read of the same row. */
export class Verifications {
  private next = 0;

  private constructor(
    private readonly laboratory: AuthLaboratory,
    private readonly issued: readonly Issued[],
  ) {}

  static async prepare(laboratory: AuthLaboratory, sessions: number): Promise<Verifications> {
    const issued: Issued[] = [];
    for (let index = 0; index < sessions; index += 1) {
      const made = await laboratory.tokens.issue({ tenantId: 'acme', subjectId: `subject-${index}` });
      if (!made.ok) throw new Error('a token was not issued');
      issued.push({ token: made.value.token, id: made.value.principal.id });
    }
    return new Verifications(laboratory, issued);
  }

  /** One at a time, in turns. Milliseconds. */
  async measure(rounds: number): Promise<Readonly<Record<VerifyArm, number[]>>> {
    const times: Record<VerifyArm, number[]> = { verify: [], 'read by primary key': [] };
    for (let round = 0; round < rounds; round += 1) {
      for (const arm of round % 2 === 0 ? VERIFY_ARMS : VERIFY_ARMS.toReversed()) {
        const startedAt = performance.now();
        await this.once(arm);
        times[arm].push(performance.now() - startedAt);
      }
    }
    return times;
  }

  /** Calls a second, with so many callers at once. */
  async throughput(arm: VerifyArm, callers: number, calls: number): Promise<number> {
    let left = calls;
    const startedAt = performance.now();
    await Promise.all(
      Array.from({ length: callers }, async () => {
        while (left-- > 0) await this.once(arm);
      }),
    );
    return calls / ((performance.now() - startedAt) / 1000);
  }

  private async once(arm: VerifyArm): Promise<void> {
    const { token = '', id = '' } = this.issued[this.next++ % this.issued.length] ?? {};
    if (arm === 'verify') {
      const verified = await this.laboratory.tokens.verify(token);
      if (!verified.ok) throw new Error('a good token was refused');
    } else {
      const { rows } = await this.laboratory.pool.query({ ...READ, values: ['auth', 'acme', id] });
      if (rows.length !== 1) throw new Error('a session was not found');
    }
  }
}
