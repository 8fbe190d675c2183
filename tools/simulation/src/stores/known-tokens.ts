import type { IssuedToken, Principal } from '@mooring/auth-tokens';
import type { Simulation } from '../kernel/simulation.ts';
import { BEGINNING } from '../kernel/simulation.ts';
import { ROTATION_GRACE_MS } from './store-process.ts';

/** A session whose token was given to somebody. */
export interface KnownToken {
  readonly tenantId: string;
  readonly subjectId: string;
  readonly sessionId: string;
  /** The newest that was given out. */
  token: string;
  readonly replaced: { readonly token: string; readonly at: number }[];
  /** Its end was acknowledged. */
  isOver: boolean;
  /** Somebody tried to end or to replace it: nobody can say that it must be good. */
  isShaken: boolean;
  absoluteExpiresAt: number;
  idleExpiresAt: number;
}

/** What is certain of a token when a question about it begins. */
export interface Question {
  readonly known: KnownToken;
  readonly token: string;
  readonly mustBeBad: string | undefined;
}

/** Tokens as those who hold them know them, and what the answers to their questions may be. */
export class KnownTokens {
  readonly all: KnownToken[] = [];
  /** Whose sessions were all ended once: a late repetition of that may end later ones too. */
  private readonly shaken = new Set<string>();

  constructor(private readonly simulation: Simulation) {}

  issued({ token, principal }: IssuedToken): void {
    const { tenantId, subjectId, id, absoluteExpiresAt, idleExpiresAt } = principal;
    const isShaken = this.shaken.has(`${tenantId} ${subjectId}`);
    const known: KnownToken = {
      tenantId,
      subjectId,
      sessionId: id,
      token,
      replaced: [],
      isOver: false,
      isShaken,
      absoluteExpiresAt,
      idleExpiresAt,
    };
    this.all.push(known);
  }

  rotated(known: KnownToken, before: string, { token }: IssuedToken): void {
    if (token === before) return;
    known.replaced.push({ token: before, at: this.now });
    if (known.token === before) known.token = token;
  }

  /** All sessions of a subject are about to end; answers those that will certainly be over. */
  ending(tenantId: string, subjectId: string): readonly KnownToken[] {
    this.shaken.add(`${tenantId} ${subjectId}`);
    const theirs = this.all.filter((known) => known.tenantId === tenantId && known.subjectId === subjectId);
    for (const known of theirs) known.isShaken = true;
    return theirs;
  }

  ask(known: KnownToken, token: string): Question {
    const replaced = known.replaced.find((old) => old.token === token);
    let mustBeBad: string | undefined;
    if (known.isOver) mustBeBad = 'its session was ended';
    else if (this.now >= known.absoluteExpiresAt) mustBeBad = 'its time was over';
    else if (replaced !== undefined && this.now > replaced.at + ROTATION_GRACE_MS) mustBeBad = 'it was replaced';
    // Whoever shows a token that was replaced ends the session.
    if (replaced !== undefined) known.isShaken = true;
    return { known, token, mustBeBad };
  }

  answered({ known, token, mustBeBad }: Question, answer: Principal | undefined): void {
    if (answer !== undefined && mustBeBad !== undefined) {
      this.simulation.violate('no resurrection', `a token is good, and ${mustBeBad}`);
    }
    if (answer !== undefined && (answer.tenantId !== known.tenantId || answer.subjectId !== known.subjectId)) {
      this.simulation.violate('nobody else', `a token of ${known.subjectId} is ${answer.subjectId}`);
    }
    if (answer !== undefined) known.idleExpiresAt = Math.max(known.idleExpiresAt, answer.idleExpiresAt);
    const isAlive = this.now < Math.min(known.idleExpiresAt, known.absoluteExpiresAt);
    if (answer === undefined && isAlive && !known.isOver && !known.isShaken && token === known.token) {
      this.simulation.violate('acknowledged is there', 'a session that was given out is not known');
    }
  }

  private get now(): number {
    return BEGINNING + this.simulation.time.now;
  }
}
