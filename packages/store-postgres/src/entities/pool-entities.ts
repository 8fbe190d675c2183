import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigint, text } from './columns.ts';

/** A shared warehouse session, or the place reserved for one. */
@Entity({ name: 'mooring_pool_slots', synchronize: false })
export class PoolSlotEntity {
  @PrimaryColumn(text('namespace'))
  namespace!: string;

  @PrimaryColumn(text('target'))
  target!: string;

  @PrimaryColumn(text('slot_id'))
  slotId!: string;

  @Column(text('tenant_id'))
  tenantId!: string;

  @Column(text('identity'))
  identity!: string;

  @Column(text('session_id', 'nullable'))
  sessionId!: string | null;

  @Column(text('holder', 'nullable'))
  holder!: string | null;

  @Column(text('lease_id', 'nullable'))
  leaseId!: string | null;

  @Column(bigint('fencing_token'))
  fencingToken!: number;

  @Column(bigint('lease_expires_at', 'nullable'))
  leaseExpiresAt!: number | null;

  @Column({ name: 'recovered', type: 'boolean' })
  recovered!: boolean;

  @Column({ name: 'dirty', type: 'boolean' })
  dirty!: boolean;

  @Column({ name: 'draining', type: 'boolean' })
  draining!: boolean;

  @Column(bigint('opened_at', 'nullable'))
  openedAt!: number | null;

  @Column(bigint('usable_until', 'nullable'))
  usableUntil!: number | null;

  @Column(bigint('retire_at', 'nullable'))
  retireAt!: number | null;

  @Column(bigint('alive_until'))
  aliveUntil!: number;

  @Column(bigint('used'))
  used!: number;
}

/** A holder that was refused; tenant and identity are empty when the target was full. */
@Entity({ name: 'mooring_pool_wants', synchronize: false })
export class PoolWantEntity {
  @PrimaryColumn(text('namespace'))
  namespace!: string;

  @PrimaryColumn(text('target'))
  target!: string;

  @PrimaryColumn(text('tenant_id'))
  tenantId!: string;

  @PrimaryColumn(text('identity'))
  identity!: string;

  @PrimaryColumn(text('holder'))
  holder!: string;

  @Column(bigint('until'))
  until!: number;
}
