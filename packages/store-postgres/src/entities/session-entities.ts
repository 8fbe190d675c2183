import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigint, text } from './columns.ts';

/** A session. Times are epoch milliseconds. */
@Entity({ name: 'mooring_sessions', synchronize: false })
export class SessionEntity {
  @PrimaryColumn(text('namespace'))
  namespace!: string;

  @PrimaryColumn(text('tenant_id'))
  tenantId!: string;

  @PrimaryColumn(text('id'))
  id!: string;

  @Column(text('subject_id', 'nullable'))
  subjectId!: string | null;

  @Column({ name: 'data', type: 'json' })
  data!: unknown;

  @Column(bigint('version'))
  version!: number;

  @Column(bigint('created_at'))
  createdAt!: number;

  @Column(bigint('authenticated_at'))
  authenticatedAt!: number;

  @Column(bigint('last_seen_at'))
  lastSeenAt!: number;

  @Column(bigint('idle_timeout_ms'))
  idleTimeoutMs!: number;

  @Column(bigint('lifetime_ms'))
  lifetimeMs!: number;

  @Column(bigint('idle_expires_at'))
  idleExpiresAt!: number;

  @Column(bigint('absolute_expires_at'))
  absoluteExpiresAt!: number;

  @Column(bigint('sweep_hour'))
  sweepHour!: number;

  @Column(text('verifier', 'nullable'))
  verifier!: string | null;

  @Column(text('previous_verifier', 'nullable'))
  previousVerifier!: string | null;

  @Column({ name: 'retired_verifiers', type: 'text', array: true })
  retiredVerifiers!: string[];

  @Column(bigint('rotated_at', 'nullable'))
  rotatedAt!: number | null;

  @Column(bigint('revoked_at', 'nullable'))
  revokedAt!: number | null;

  @Column(text('revoke_reason', 'nullable'))
  revokeReason!: string | null;
}

/** When all earlier sessions of a subject were ended. */
@Entity({ name: 'mooring_subjects', synchronize: false })
export class SubjectEntity {
  @PrimaryColumn(text('namespace'))
  namespace!: string;

  @PrimaryColumn(text('tenant_id'))
  tenantId!: string;

  @PrimaryColumn(text('subject_id'))
  subjectId!: string;

  @Column(bigint('not_before'))
  notBefore!: number;
}
