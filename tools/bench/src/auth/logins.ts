import { hash, verify } from '@node-rs/argon2';
import { PASSWORD } from './auth-laboratory.ts';
import type { AuthLaboratory } from './auth-laboratory.ts';

/** What the auth API hashes with unless it is told otherwise. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const LOGIN_ARMS = [
  'right password',
  'wrong password',
  'unknown user',
  'locked account',
  'argon2id alone',
] as const;
export type LoginArm = (typeof LOGIN_ARMS)[number];

const LOCKED_FROM = '198.18.0.1';

/** Logins of each kind, one at a time and in turns. Milliseconds. */
export class Logins {
  private tries = 0;

  private constructor(
    private readonly laboratory: AuthLaboratory,
    private readonly locked: string,
    private readonly hashed: string,
  ) {}

  static async prepare(laboratory: AuthLaboratory): Promise<Logins> {
    const [locked = ''] = laboratory.usernames;
    await laboratory.lock(locked, LOCKED_FROM);
    return new Logins(laboratory, locked, await hash(PASSWORD, COST));
  }

  async measure(rounds: number): Promise<Readonly<Record<LoginArm, number[]>>> {
    const times = Object.fromEntries(LOGIN_ARMS.map((arm) => [arm, [] as number[]])) as Record<LoginArm, number[]>;
    for (let round = 0; round < rounds; round += 1) {
      for (let turn = 0; turn < LOGIN_ARMS.length; turn += 1) {
        const arm = LOGIN_ARMS[(round + turn) % LOGIN_ARMS.length] as LoginArm;
        const startedAt = performance.now();
        await this.once(arm);
        times[arm].push(performance.now() - startedAt);
      }
    }
    return times;
  }

  private async once(arm: LoginArm): Promise<void> {
    this.tries += 1;
    const [, ...free] = this.laboratory.usernames;
    const user = free[this.tries % free.length] ?? '';
    switch (arm) {
      case 'right password':
        return this.login(user, PASSWORD.replaceAll(' ', '-'), 200);
      case 'wrong password':
        return this.login(user, 'a password that is wrong', 401);
      case 'unknown user':
        return this.login(`nobody-${this.tries}`, 'a password that is wrong', 401);
      case 'locked account':
        return this.login(this.locked, PASSWORD.replaceAll(' ', '-'), 401, LOCKED_FROM);
      case 'argon2id alone':
        await verify(this.hashed, 'a password that is wrong');
    }
  }

  private async login(username: string, password: string, expected: number, address = this.address()): Promise<void> {
    const answer = await fetch(`${this.laboratory.service.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify({ username, password }),
    });
    await answer.arrayBuffer();
    if (answer.status !== expected) throw new Error(`a login was answered with ${answer.status}, not ${expected}`);
  }

  /** Another one each time: addresses that fail often are locked. */
  private address(): string {
    return `198.19.${(this.tries >> 8) & 255}.${this.tries & 255}`;
  }
}
